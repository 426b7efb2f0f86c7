"""What the API answers, and what it never does."""

import json
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Blueprint
from flask.testing import FlaskClient

from tests.api.conftest import OPERATOR
from tests.turns import counting_turns
from webfail2ban.api.access import Guard
from webfail2ban.api.application import make_application
from webfail2ban.api.operations import Panel
from webfail2ban.api.peers import ENVIRON_KEY
from webfail2ban.engine import Engine
from webfail2ban.testing import Clock

BAN = {"network": "192.0.2.1", "duration": "1h", "reason": "rude"}


def ban(client: FlaskClient, *bans: dict[str, Any]) -> Any:
    return client.post("/v1/bans", json={"bans": bans})


def audited(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "webfail2ban.audit"]


def test_a_ban_is_made_listed_shown_and_lifted(client: FlaskClient, clock: Clock) -> None:
    """The whole life of one."""
    made = ban(client, BAN).json
    told = {
        "network": "192.0.2.1",
        "jail": "manual",
        "since": clock(),
        "until": clock() + 3600,
        "reason": "rude",
        "count": 0,
        "lines": [],
    }
    assert made == {"results": [{"ban": told, "changed": True}], "changed": 1}
    assert client.get("/v1/bans").json == {"bans": [told], "next": None, "total": 1}
    assert client.get("/v1/bans/192.0.2.1").json == {"bans": [told]}
    assert client.delete("/v1/bans/192.0.2.1").json == {"removed": 1, "missing": []}
    assert client.get("/v1/bans/192.0.2.1").status_code == 404


def test_a_network_is_named_in_the_path_with_its_slash(client: FlaskClient) -> None:
    """Escaped or not; a mapped address is the IPv4 one behind it."""
    ban(client, {**BAN, "network": "198.51.100.0/24"}, BAN)
    assert client.get("/v1/bans/198.51.100.0/24").status_code == 200
    assert client.get("/v1/bans/198.51.100.0%2F24").status_code == 200
    assert client.get("/v1/bans/::ffff:192.0.2.1").status_code == 200


def test_pages_follow_each_other(client: FlaskClient) -> None:
    """By the cursor that each gives."""
    ban(client, *({**BAN, "network": f"10.0.0.{n}"} for n in range(25)))
    found, path = [], "/v1/bans?limit=10"
    while True:
        page: Any = client.get(path).json
        found += [one["network"] for one in page["bans"]]
        if page["next"] is None:
            break
        path = f"/v1/bans?limit=10&cursor={page['next']}"
    assert sorted(found) == sorted(f"10.0.0.{n}" for n in range(25))


def test_all_faults_of_a_request_are_told(client: FlaskClient) -> None:
    """Each by its place, in a long list too."""
    bans = [BAN] * 60 + [{"network": "x", "duration": -1}]
    answer: Any = ban(client, *bans)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [fault["where"] for fault in answer.json["faults"]] == [
        "body.bans.60.network",
        "body.bans.60.duration",
    ]
    assert client.get("/v1/bans").json["total"] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("limit=0", "query.limit"),
        ("limit=1001", "query.limit"),
        ("limit=1&limit=2", "query.limit"),
        ("nothing=1", "query.nothing"),
        ("inside=x", "query.inside"),
        ("cursor=x", "query.cursor"),
    ],
)
def test_a_query_is_checked(client: FlaskClient, query: str, where: str) -> None:
    """Nothing in it is passed over."""
    answer: Any = client.get(f"/v1/bans?{query}")
    assert answer.status_code == 422
    assert answer.json["faults"][0]["where"] == where


def test_what_is_not_known_is_said_alike(client: FlaskClient) -> None:
    """Where there are parameters and where there are none; a missing one in the same words."""
    for path in ("/v1/bans", "/v1/status"):
        answer: Any = client.get(f"{path}?nosuch=1")
        assert answer.json["detail"] == "query.nosuch: is no parameter"
    answer = client.post("/v1/bans", json={})
    assert answer.json["detail"] == "body.bans: is missing"


def test_what_is_exported_is_imported(client: FlaskClient, real_engine: Engine) -> None:
    """Nothing is lost between two engines."""
    ban(client, BAN, {**BAN, "network": "2001:db8::/32", "duration": "permanent", "jail": "x"})
    before = tuple(real_engine.bans)
    exported = client.get("/v1/bans/export").data
    client.post("/v1/bans/purge", json={"everything": True})
    assert not tuple(real_engine.bans)
    report = client.post("/v1/bans/import", data=exported, content_type="application/x-ndjson")
    assert report.json == {"imported": 2, "skipped": 0, "failed": 0, "errors": []}
    assert set(real_engine.bans) == set(before)


def test_an_import_tells_what_it_did_not_understand(client: FlaskClient) -> None:
    """The first faults by their lines; the others are counted."""
    text = "192.0.2.1\n" + "x\n" * 30 + "192.0.2.2\n"
    path = "/v1/bans/import?format=plain&duration=60&jail=list&reason=ours"
    report: Any = client.post(path, data=text, content_type="text/plain").json
    assert (report["imported"], report["failed"], len(report["errors"])) == (2, 30, 20)
    assert report["errors"][0]["line"] == 2


def test_an_export_is_of_one_jail_if_that_is_wanted(client: FlaskClient) -> None:
    """In each format."""
    ban(client, BAN, {**BAN, "network": "192.0.2.2", "jail": "sshd"})
    path = "/v1/bans/export?jail=sshd&format="
    assert client.get(path + "plain").text == "192.0.2.2\n"
    assert client.get(path + "fail2ban").text == "[{'sshd': ['192.0.2.2']}]\n"
    assert json.loads(client.get(path + "jsonl").text)["network"] == "192.0.2.2"


@pytest.mark.parametrize("network", ["172.16.99.250", "172.16.99.0/24"])
def test_a_trusted_proxy_is_not_banned(
    client: FlaskClient, real_engine: Engine, network: str
) -> None:
    """Nor is anybody else of the same request: half of it is nothing that somebody wanted."""
    real_engine.proxies.replace([ip_network("172.16.99.250")])
    answer = ban(client, BAN, {**BAN, "network": network})
    assert answer.status_code == 409
    assert answer.json["detail"] == f"{network}: trusted_proxies has 172.16.99.250"
    assert client.get("/v1/bans").json["total"] == 0  # type: ignore[index]


def test_an_address_is_checked(client: FlaskClient) -> None:
    """With every plugin's opinion, also of those who have none, and with what is counted of it."""
    ban(client, BAN)
    report: Any = client.get("/v1/check/192.0.2.1").json
    assert report["verdict"]["banned"] is True
    assert [one["stance"] for one in report["opinions"]] == ["none", "ban"]
    assert [one["network"] for one in report["bans"]] == ["192.0.2.1"]
    (count,) = report["counts"]
    assert (count["jail"], count["failures"], count["limit"]) == ("sshd", 2, 5)


def test_everything_says_how_it_stands(client: FlaskClient) -> None:
    """Jails, sources, plugins and the program; a plugin that fails is counted and left out."""
    ban(client, {**BAN, "jail": "sshd"}, BAN)
    jails: Any = client.get("/v1/jails").json
    assert [(jail["name"], jail["in_force"]) for jail in jails["jails"]] == [
        ("sshd", 1),
        ("manual", 1),
    ]
    assert client.get("/v1/jails/sshd").json["limits"] == {"maxretry": 5}  # type: ignore[index]
    assert client.get("/v1/jails/none").status_code == 404
    sources: Any = client.get("/v1/sources").json
    assert [source["name"] for source in sources["sources"]] == ["syslog"]
    plugins: Any = client.get("/v1/plugins").json
    assert plugins["plugins"][2]["failures"]["status"] > 0
    status: Any = client.get("/v1/status").json
    assert status["bans"] == 2
    assert "jails: nobody logs" in status["problems"]


def test_a_reload_that_fails_says_why(client: FlaskClient) -> None:
    """Nothing has changed then."""
    answer: Any = client.post("/v1/reload")
    assert answer.status_code == 409
    assert answer.json["faults"] == [
        {"where": "configuration", "message": "config.yaml:3:1: grace: must be a duration"}
    ]


def test_a_failure_of_ours_is_logged_and_not_shown(
    client: FlaskClient,
    real_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No traceback leaves the house."""

    def fail(*_: object) -> None:
        raise LookupError("the secret name of our cat")

    monkeypatch.setattr(real_engine.bans, "page", fail)
    answer: Any = client.get("/v1/bans")
    assert answer.status_code == 500
    assert "cat" not in answer.text
    assert "GET /v1/bans failed" in caplog.text


def test_unknown_paths_and_methods_are_told_in_json(client: FlaskClient) -> None:
    """Nothing is redirected, and no version is named."""
    for path in ("/", "/v1/bans/", "/v1//bans", "/v2/bans", "/v1/bans/nobody"):
        answer: Any = client.get(path)
        assert (answer.status_code, answer.json["status"]) == (404, 404)
        assert "Server" not in answer.headers
    refused: Any = client.put("/v1/bans", json={})
    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_head_and_options_do_what_http_says(client: FlaskClient) -> None:
    """The head alone, and what may be done."""
    head = client.head("/v1/bans/export")
    assert (head.status_code, head.data) == (200, b"")
    options = client.options("/v1/bans")
    assert (options.status_code, options.data) == (204, b"")
    assert "POST" in options.headers["Allow"]


def test_changes_are_audited_and_questions_are_not(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Done or refused, in a line each, whatever is written in it."""
    caplog.set_level("INFO", "webfail2ban.audit")
    client.get("/v1/bans")
    ban(client, {**BAN, "reason": "rude\nban 10.0.0.1 for ever \x1b[31m"})
    client.post("/v1/bans/remove", json={"jail": "manual"})
    client.delete("/v1/bans/192.0.2.1?jail=a%0Ab")
    ban(client, *({**BAN, "network": f"10.0.0.{n}"} for n in range(7)))
    first, second, third, fourth = audited(caplog)
    assert first == (
        f"{OPERATOR}: POST /v1/bans 192.0.2.1 [manual] for 1h "
        "(rude#012ban 10.0.0.1 for ever #033[31m): 1 of 1 bans are new or longer"
    )
    assert second == f"{OPERATOR}: POST /v1/bans/remove [manual]: 1 lifted"
    assert ": DELETE /v1/bans/192.0.2.1?jail=a%0Ab: refused: " in third
    assert "and 2 more: 7 of 7 bans are new or longer" in fourth


def test_others_may_serve_beside_it(panel: Panel) -> None:
    """What is checked of every request is checked of theirs."""
    blueprint = Blueprint("health", __name__)
    blueprint.add_url_rule("/healthz", "healthz", lambda: "well")
    client = make_application(panel, Guard(None), [blueprint]).test_client()
    environ = {ENVIRON_KEY: OPERATOR}
    assert client.get("/healthz", environ_overrides=environ).text == "well"
    assert client.get("/healthz", headers={"Origin": "https://evil.example"}).status_code == 403


def test_long_answers_let_others_have_their_turn(client: FlaskClient) -> None:
    """A thousand bans are made, listed and written in slices."""
    with counting_turns() as turns:
        ban(client, *({**BAN, "network": f"10.0.{n // 256}.{n % 256}"} for n in range(1000)))
        before = turns.count
        assert len(client.get("/v1/bans?limit=1000").json["bans"]) == 1000  # type: ignore[index]
        assert turns.count - before > 50


@pytest.mark.parametrize("line", ["x", "", "# nobody"])
def test_an_import_of_nothing_lets_others_have_their_turn(client: FlaskClient, line: str) -> None:
    """Lines that are no bans take time, too."""
    with counting_turns() as turns:
        path = "/v1/bans/import?format=plain"
        client.post(path, data=f"{line}\n" * 1024 + "#" * 16_384, content_type="text/plain")
        assert turns.count > 1
