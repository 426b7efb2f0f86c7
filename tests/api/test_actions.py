"""What plugins do when an operator asks them."""

import pytest
from flask.testing import FlaskClient

from webfail2ban.engine import Engine


def test_a_plugin_does_what_it_is_asked(client: FlaskClient) -> None:
    """It gets what the operator says, and its answer is the answer."""
    answer = client.post("/v1/plugins/jails/actions/echo", json={"arguments": {"times": [1, 2]}})
    assert answer.json == {"result": {"times": [1, 2]}}


def test_what_it_cannot_do_is_told_in_its_own_words(client: FlaskClient) -> None:
    """The request was good; it doesn't fit now."""
    answer = client.post("/v1/plugins/jails/actions/refuse", json={})
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["detail"] == "this can't be done today"


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("jails/actions/fly", "jails knows no action fly"),
        ("whitelist/actions/echo", "no plugin whitelist is loaded that does anything when asked"),
        ("nobody/actions/echo", "no plugin nobody is loaded that does anything when asked"),
    ],
)
def test_what_nobody_knows_is_not_found(client: FlaskClient, path: str, detail: str) -> None:
    """A plugin without actions, and one that isn't there, have none of that name either."""
    answer = client.post(f"/v1/plugins/{path}", json={})
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["detail"] == detail


def test_a_plugin_that_fails_is_named_in_the_log(
    client: FlaskClient, real_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """And counted; the operator is told no more than that."""
    answer = client.post("/v1/plugins/jails/actions/fail", json={})
    assert answer.status_code == 500
    assert real_engine.isolation.failures["jails", "act"] == 1
    assert "plugin jails failed in act: LookupError" in caplog.text
