"""The WSGI application: Flask's routes over the operations, every error as JSON.

Whoever has more to serve (metrics, a health check) hands over a blueprint; what is checked of
every request is checked of theirs.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, request
from pydantic import BaseModel
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from webfail2ban.api import audit
from webfail2ban.api.access import Guard
from webfail2ban.api.document import make_document
from webfail2ban.api.handlers import OPERATIONS
from webfail2ban.api.handlers.transfer import MEDIA_TYPES
from webfail2ban.api.operations import PREFIX, Operation, Panel
from webfail2ban.api.peers import ENVIRON_KEY, UNKNOWN, Peer
from webfail2ban.api.reading import (
    LONGEST_BODY,
    read_body,
    read_parameter,
    read_pieces,
    read_query,
    refuse_query,
)
from webfail2ban.api.refusal import RefusalError
from webfail2ban.api.writing import write

log = logging.getLogger(__name__)

JSON = "application/json"
PROBLEM = "application/problem+json"

#: What no answer needs to be guessed about, or kept.
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


class NetworkConverter(BaseConverter):
    """Finds in a path what may be an address or a network: all have a dot or a colon."""

    part_isolating = False
    regex = r"[^/]*[.:][^/]*(?:/[^/]*)?"


def make_application(panel: Panel, guard: Guard, blueprints: Sequence[Blueprint] = ()) -> Flask:
    """Make the application.

    Args:
        panel: What handlers reach for.
        guard: Says who may ask.
        blueprints: More to serve.
    """
    app = Flask("webfail2ban", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.url_map.converters["network"] = NetworkConverter
    app.url_map.merge_slashes = False  # a path that isn't ours isn't redirected to one that is
    app.before_request(lambda: guard.check(request, _peer()))
    app.after_request(_finish)
    app.register_error_handler(RefusalError, _show_refusal)
    app.register_error_handler(HTTPException, _show_http_error)
    app.register_error_handler(Exception, _show_failure)
    for operation in OPERATIONS:
        app.add_url_rule(
            _rule(operation),
            operation.name,
            _view(operation, panel),
            methods=[operation.method],
        )
    document = make_document(OPERATIONS)
    app.add_url_rule(f"{PREFIX}/openapi.json", "openapi", lambda: Response(document, mimetype=JSON))
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    return app


def _rule(operation: Operation) -> str:
    """Write a path as Werkzeug does; a network has a slash in it."""
    return operation.path.replace("{network}", "<network:network>").translate({123: "<", 125: ">"})


def _view(operation: Operation, panel: Panel) -> Callable[..., Response]:
    """Return what Flask calls for an operation."""

    def view(**parameters: str) -> Response:
        body: BaseModel | None = None
        try:
            arguments = _read_arguments(operation, parameters)
            body = arguments.get("body")
            answer = operation.handler(panel, **arguments)
        except Exception as error:
            if operation.changes:
                audit.note(_peer(), request, body, _reason(error))
            raise
        if operation.changes:
            audit.note(_peer(), request, body, answer)
        if operation.answer is None:
            return _stream(answer, arguments["query"].format)
        return Response(write(answer), mimetype=JSON)

    return view


def _read_arguments(operation: Operation, parameters: dict[str, str]) -> dict[str, Any]:
    """Read all that a handler takes.

    Raises:
        RefusalError: something isn't what it should be.
    """
    arguments: dict[str, Any] = {
        name: read_parameter(name, adapter, parameters[name])
        for name, adapter in operation.parameters.items()
    }
    if operation.query is not None:
        arguments["query"] = read_query(operation.query, request.args)
    else:
        refuse_query(request.args)
    if operation.body is not None:
        arguments["body"] = read_body(operation.body, request)
    if operation.takes:
        arguments["pieces"] = read_pieces(request, operation.takes)
    return arguments


def _stream(pieces: Iterator[bytes], form: str) -> Response:
    return Response(pieces, mimetype=MEDIA_TYPES[form])


def _peer() -> Peer:
    peer = request.environ.get(ENVIRON_KEY, UNKNOWN)
    assert isinstance(peer, Peer)  # noqa: S101 - only our server sets it
    return peer


def _reason(error: Exception) -> str:
    return f"refused: {error}" if isinstance(error, RefusalError | HTTPException) else "failed"


def _finish(response: Response) -> Response:
    response.headers.update(HEADERS)
    if request.method == "OPTIONS" and response.status_code == HTTPStatus.OK:
        response.status_code = HTTPStatus.NO_CONTENT
        response.headers.remove("Content-Type")
        response.headers.remove("Content-Length")
    return response


def _show_refusal(refusal: RefusalError) -> Response:
    body = refusal.problem.model_dump_json()
    response = Response(body, refusal.status.value, mimetype=PROBLEM)
    response.headers.extend(refusal.headers)
    return response


def _show_http_error(error: HTTPException) -> Response:
    """Show an error of Werkzeug's: no such path, another method, a body that is too long."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    headers = [
        (name, value) for name, value in error.get_headers() if name in {"Allow", "Retry-After"}
    ]
    return _show_refusal(RefusalError(status, _sentence(status), headers=headers))


def _sentence(status: HTTPStatus) -> str:
    if status is HTTPStatus.NOT_FOUND:
        return f"there is nothing at {request.path[:100]}; see {PREFIX}/openapi.json"
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        return f"{request.method[:20]} can't be done here"
    return status.description or status.phrase


def _show_failure(error: Exception) -> Response:
    """Log a bug of ours, and say no more than that there is one."""
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _show_refusal(
        RefusalError(HTTPStatus.INTERNAL_SERVER_ERROR, "this failed; the log says why")
    )
