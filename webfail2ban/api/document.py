"""The OpenAPI document, made of the same table and models as the routes."""

import inspect
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from webfail2ban.api.models import ProblemDetails
from webfail2ban.api.operations import PREFIX, Operation

Json = dict[str, Any]

TEMPLATE = "#/components/schemas/{model}"

#: Statuses that any operation may answer with.
ALWAYS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.INTERNAL_SERVER_ERROR,
)

#: Those with a body may answer with these besides.
WITH_BODY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)


def make_document(operations: Sequence[Operation]) -> str:
    """Write the document as JSON."""
    references, definitions = models_json_schema(_models(operations), ref_template=TEMPLATE)
    schemas = {(model, mode): reference for (model, mode), reference in references.items()}
    paths: dict[str, Json] = {}
    for operation in operations:
        described = _describe(operation, schemas)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "webfail2ban",
            "version": version("webfail2ban"),
            "description": "Everything that an operator can do with a running webfail2ban. Over "
            "its unix socket nobody needs a token; over TCP whoever is asked for one does.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }
    return json.dumps(document, indent=2)


Schemas = Mapping[tuple[Any, JsonSchemaMode], Json]


def _models(
    operations: Sequence[Operation],
) -> list[tuple[type[BaseModel], JsonSchemaMode]]:
    bodies = {operation.body for operation in operations if operation.body}
    answers = {operation.answer for operation in operations if operation.answer}
    return [
        *((model, "validation") for model in sorted(bodies, key=lambda model: model.__name__)),
        *((model, "serialization") for model in sorted(answers, key=lambda model: model.__name__)),
        (ProblemDetails, "serialization"),
    ]


def _describe(operation: Operation, schemas: Schemas) -> Json:
    text = inspect.getdoc(operation.handler) or ""
    summary, _, rest = text.partition("\n")
    described: Json = {
        "operationId": operation.name,
        "summary": summary.rstrip("."),
        "tags": [operation.path.removeprefix(PREFIX).split("/")[1]],
        "parameters": [*_path_parameters(operation), *_query_parameters(operation)],
        "responses": _responses(operation, schemas),
    }
    if rest.strip():
        described["description"] = " ".join(rest.split())
    if operation.body is not None:
        schema = schemas[operation.body, "validation"]
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    elif operation.takes:
        content: Json = {media: {"schema": {}} for media in operation.takes}  # any bytes
        described["requestBody"] = {"required": True, "content": content}
    return described


def _path_parameters(operation: Operation) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": adapter.json_schema()}
        for name, adapter in operation.parameters.items()
    ]


def _query_parameters(operation: Operation) -> list[Json]:
    if operation.query is None:
        return []
    schema = operation.query.model_json_schema()
    parameters: list[Json] = []
    for name, found in schema.get("properties", {}).items():
        described = {
            key: value
            for key, value in found.items()
            if key not in {"title", "description"} and (key, value) != ("default", None)
        }
        parameters.append(
            {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "description": found["description"],
                "schema": described,
            }
        )
    return parameters


def _responses(operation: Operation, schemas: Schemas) -> Json:
    if operation.answer is not None:
        content = {"application/json": {"schema": schemas[operation.answer, "serialization"]}}
    else:
        content = {media: {"schema": {"type": "string"}} for media in operation.gives}
    responses: Json = {"200": {"description": "It is done.", "content": content}}
    with_body = operation.body is not None or bool(operation.takes)
    statuses = {*ALWAYS, *(WITH_BODY if with_body else ()), *operation.refusals}
    problem = schemas[ProblemDetails, "serialization"]
    for status in sorted(statuses):
        responses[str(status.value)] = {
            "description": status.phrase,
            "content": {"application/problem+json": {"schema": problem}},
        }
    return responses
