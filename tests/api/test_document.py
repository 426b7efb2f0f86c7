"""The OpenAPI document: it holds what the routes do, and the routes do what it holds."""

import json
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from jsonschema import Draft202012Validator
from schemathesis import Case

from tests.api.conftest import OPERATOR
from tests.api.panels import make_engine, make_panel
from webfail2ban.api.access import Guard
from webfail2ban.api.application import make_application
from webfail2ban.api.document import make_document
from webfail2ban.api.handlers import OPERATIONS
from webfail2ban.api.handlers.transfer import JSON_LINES, PLAIN
from webfail2ban.api.peers import ENVIRON_KEY
from webfail2ban.testing import Clock

DOCUMENT: dict[str, Any] = json.loads(make_document(OPERATIONS))

#: Everything that an operator can do.
PATHS = {
    "GET /v1/bans",
    "POST /v1/bans",
    "GET /v1/bans/export",
    "POST /v1/bans/import",
    "POST /v1/bans/purge",
    "POST /v1/bans/remove",
    "GET /v1/bans/{network}",
    "DELETE /v1/bans/{network}",
    "GET /v1/check/{address}",
    "GET /v1/jails",
    "GET /v1/jails/{name}",
    "GET /v1/sources",
    "GET /v1/plugins",
    "POST /v1/plugins/{name}/actions/{action}",
    "GET /v1/status",
    "POST /v1/reload",
}

#: What Flask answers by itself.
OWN_METHODS = {"HEAD", "OPTIONS"}


def operator_application() -> Any:
    """The application, asked by somebody on the unix socket."""
    engine = make_engine(Clock())
    engine.bans.purge_age = 60
    app = make_application(make_panel(engine), Guard(None))

    def ask(environ: dict[str, Any], start_response: Any) -> Any:
        return app(environ | {ENVIRON_KEY: OPERATOR}, start_response)

    return ask


schemathesis.serializer.alias(JSON_LINES, PLAIN)
schema = schemathesis.openapi.from_dict(DOCUMENT)
schema.app = operator_application()


@schema.parametrize()
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
def test_no_request_breaks_it(case: Case[Any]) -> None:
    """Whatever is sent, right or wrong: no status or answer that the document doesn't have."""
    case.call_and_validate()


def test_it_holds_everything_that_an_operator_can_do() -> None:
    """And nothing else."""
    described = {
        f"{method.upper()} {path}" for path, item in DOCUMENT["paths"].items() for method in item
    }
    assert described == PATHS


def test_the_routes_are_those_of_the_document(app: Flask) -> None:
    """With the same methods; the document itself is served besides."""
    routes = {
        f"{method} {rule.rule.replace('<network:', '<').translate({60: '{', 62: '}'})}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - OWN_METHODS
    }
    assert routes == PATHS | {"GET /v1/openapi.json"}


def test_it_is_served(client: FlaskClient) -> None:
    """As it was made."""
    assert client.get("/v1/openapi.json").json == DOCUMENT


def test_its_schemas_are_json_schemas() -> None:
    """Of the dialect that OpenAPI 3.1 names."""
    for model in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(model)


@pytest.mark.parametrize("path", sorted(DOCUMENT["paths"]))
def test_everything_is_described(path: str) -> None:
    """Each operation has a sentence, each parameter and field says what it is."""
    for operation in DOCUMENT["paths"][path].values():
        assert operation["summary"]
        for parameter in operation["parameters"]:
            assert parameter["in"] == "path" or parameter["description"]
    for model in DOCUMENT["components"]["schemas"].values():
        fields = model.get("properties", {}).values()
        assert all("description" in field or "$ref" in field for field in fields)


def test_every_example_is_taken(client: FlaskClient) -> None:
    """An example that is refused would teach nobody."""
    examples = DOCUMENT["components"]["schemas"]["NewBan"]["properties"]
    for network in examples["network"]["examples"]:
        for duration in examples["duration"]["examples"]:
            answer = client.post(
                "/v1/bans", json={"bans": [{"network": network, "duration": duration}]}
            )
            assert answer.status_code == 200
