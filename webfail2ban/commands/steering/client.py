"""Asks a running engine: one method for each thing that it can do."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPResponse
from importlib.metadata import version
from typing import TypeVar
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from webfail2ban.addresses import Address
from webfail2ban.api import models
from webfail2ban.commands.steering.connection import Body, exchange, refused_entry
from webfail2ban.commands.steering.place import Place
from webfail2ban.errors import (
    EngineError,
    EngineFailureError,
    EngineRefusalError,
    EngineUnreachableError,
)

Answer = TypeVar("Answer", bound=models.Answer)

#: Parameters behind a question mark; those that are None are left out.
Query = Mapping[str, object]

#: Seconds of silence after which an engine doesn't answer.
PATIENCE = 15.0

#: The same where it does much: reading a configuration with its plugins, a million bans.
LONG_PATIENCE = 600.0

JSON = "application/json"

#: Bytes that are taken from an export at once.
PIECE = 64 * 1024


class EngineClient:
    """Asks a running engine, each time on a new connection.

    Args:
        place: Where.
        patience: Seconds of silence after which it doesn't answer.

    Every method raises `EngineUnreachableError` if there is no answer, `EngineRefusalError` if the
    engine says what is wrong with the request, and `EngineFailureError` if it fails.
    """

    def __init__(self, place: Place, patience: float = PATIENCE) -> None:
        self.place = place
        self._patience = patience

    def status(self) -> models.StatusReport:
        """Return how the program stands."""
        return self._get("/status", models.StatusReport)

    def jails(self) -> models.JailList:
        """Return the jails with their counters."""
        return self._get("/jails", models.JailList)

    def sources(self) -> models.SourceList:
        """Return the log sources."""
        return self._get("/sources", models.SourceList)

    def plugins(self) -> models.PluginList:
        """Return the loaded plugins, with what they say of themselves."""
        return self._get("/plugins", models.PluginList)

    def act(self, plugin: str, action: str, arguments: Mapping[str, object]) -> models.ActionResult:
        """Have a plugin do something of its own."""
        path = f"/plugins/{quote(plugin, safe='')}/actions/{quote(action, safe='')}"
        return self._post(path, {"arguments": dict(arguments)}, models.ActionResult)

    def check(self, address: Address) -> models.CheckReport:
        """Return the verdict on an address, and everything behind it."""
        return self._get(f"/check/{quote(str(address))}", models.CheckReport)

    def page(self, query: Query) -> models.BanPage:
        """Return some bans; `query` is that of the API."""
        return self._get("/bans", models.BanPage, query)

    def pages(self, query: Query, limit: int | None) -> Iterator[models.BanPage]:
        """Return pages of bans, until there are no more or `limit` bans were on them."""
        cursor = None
        left = limit
        while left is None or left > 0:
            size = models.MAX_PAGE if left is None else min(left, models.MAX_PAGE)
            page = self.page({**query, "limit": size, "cursor": cursor})
            yield page
            cursor = page.next
            if cursor is None:
                return
            left = None if left is None else left - len(page.bans)

    def ban(self, bans: Sequence[Mapping[str, object]]) -> models.BanResults:
        """Make bans, at most `models.MAX_ITEMS`."""
        return self._post("/bans", {"bans": list(bans)}, models.BanResults)

    def unban(self, networks: Sequence[str], jail: str | None) -> models.Removed:
        """Lift the bans of networks, at most `models.MAX_ITEMS`, or of a jail if there are none."""
        body: dict[str, object] = {"networks": list(networks)} if networks else {}
        if jail is not None:
            body["jail"] = jail
        return self._post("/bans/remove", body, models.Removed)

    def purge(self) -> models.Purged:
        """Lift every ban, and forget what was before."""
        return self._post("/bans/purge", {"everything": True}, models.Purged)

    def reload(self) -> models.ReloadReport:
        """Have the configuration loaded anew."""
        return self._post("/reload", None, models.ReloadReport)

    def export(self, query: Query) -> Iterator[bytes]:
        """Return an export's bytes as they come."""
        with self._exchange("GET", _target("/bans/export", query)) as answer:
            while piece := answer.read(PIECE):
                yield piece

    def bring(self, pieces: Iterable[bytes], kind: str, query: Query) -> models.ImportReport:
        """Send bans to import.

        Args:
            pieces: Their bytes.
            kind: Their media type.
            query: That of the API.
        """
        target = _target("/bans/import", query)
        return self._ask("POST", target, models.ImportReport, pieces, kind)

    def _get(self, path: str, model: type[Answer], query: Query | None = None) -> Answer:
        return self._ask("GET", _target(path, query or {}), model)

    def _post(self, path: str, body: object, model: type[Answer]) -> Answer:
        if body is None:
            return self._ask("POST", _target(path, {}), model)
        return self._ask("POST", _target(path, {}), model, json.dumps(body).encode(), JSON)

    def _ask(
        self,
        method: str,
        target: str,
        model: type[Answer],
        body: Body | None = None,
        kind: str = "",
    ) -> Answer:
        """Send a request, and return what the answer says."""
        with self._exchange(method, target, body, kind) as answer:
            data = answer.read()
        try:
            return model.model_validate_json(data)
        except ValidationError:
            raise self._stranger() from None

    @contextmanager
    def _exchange(
        self, method: str, target: str, body: Body | None = None, kind: str = ""
    ) -> Iterator[HTTPResponse]:
        """Send a request, and give the answer if it is a good one."""
        patience = self._patience if method == "GET" else max(self._patience, LONG_PATIENCE)
        headers = {"Content-Type": kind} if kind else {}
        with exchange(self.place, patience, method, target, body=body, headers=headers) as answer:
            if answer.status != HTTPStatus.OK:
                raise self._refusal(answer)
            yield answer

    def _refusal(self, answer: HTTPResponse) -> EngineError:
        """Return what an answer says that isn't a good one."""
        if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return refused_entry(self.place, answer.status)
        try:
            problem = models.ProblemDetails.model_validate_json(answer.read())
        except ValidationError:
            return self._stranger()
        if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
            return self._stranger()  # whatever is asked here is there
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return EngineFailureError(problem.detail)
        return _explain(problem)

    def _stranger(self) -> EngineUnreachableError:
        """Return what to say of an answer that isn't understood."""
        own = version("webfail2ban")
        reason = (
            f"what answers there isn't understood by this webfail2ban {own}; is it another "
            "version? An engine has to be started again after an upgrade"
        )
        return EngineUnreachableError(str(self.place), reason)


def _explain(problem: models.ProblemDetails) -> EngineRefusalError:
    """Return an error that says everything that is wrong, each thing once."""
    if problem.status == HTTPStatus.CONFLICT:  # a configuration, each fault with its place
        return EngineRefusalError(problem.detail, [fault.message for fault in problem.faults])
    faults = [f"{fault.where}: {fault.message}" for fault in problem.faults]
    if len(faults) > 1:  # the sentence is about the first
        return EngineRefusalError(faults[0], faults[1:])
    return EngineRefusalError(problem.detail)


def _target(path: str, query: Query) -> str:
    """Write a path with what stands behind the question mark."""
    said = {name: value for name, value in query.items() if value not in {None, ""}}
    return f"/v1{path}" + (f"?{urlencode(said)}" if said else "")
