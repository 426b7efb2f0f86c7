"""A web service that works is told of bans and their ends."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugins.webhook.conftest import Notice, Receiver, make_ban, wait
from webfail2ban.testing import Clock

MakeNotice = Callable[..., Notice]


def test_a_ban_is_told_with_all_that_is_known(receiver: Receiver, make_notice: MakeNotice) -> None:
    """Without a template; the log lines, which can be long, are left out."""
    make_notice(receiver.url()).plugin.ban(make_ban())
    wait(lambda: receiver.requests, "the request")
    (request,) = receiver.requests
    assert request.line == "POST /hook/key-of-the-url HTTP/1.1"
    assert request.headers["content-type"] == "application/json"
    assert request.body == {
        "event": "ban",
        "network": "192.0.2.1",
        "jail": "dovecot",
        "since": "2026-11-20T12:00:00Z",
        "until": "2026-11-20T12:10:00Z",
        "duration": 600,
        "reason": "5 failures",
        "count": 0,
        "hostname": socket.gethostname(),
    }


def test_the_lines_are_told_on_request(receiver: Receiver, make_notice: MakeNotice) -> None:
    """As a list."""
    make_notice(receiver.url(), lines=True).plugin.ban(make_ban())
    wait(lambda: receiver.requests, "the request")
    assert receiver.bodies[0]["lines"] == ["line one", "line two"]


def test_the_end_of_a_ban_is_told_too(receiver: Receiver, make_notice: MakeNotice) -> None:
    """Behind its beginning."""
    notice = make_notice(receiver.url(), body="{event} {network}")
    notice.plugin.ban(make_ban())
    notice.plugin.unban(make_ban())
    wait(lambda: len(receiver.requests) == 2, "both requests")
    assert receiver.bodies == ["ban 192.0.2.1", "unban 192.0.2.1"]


def test_only_chosen_events_and_jails_are_told(receiver: Receiver, make_notice: MakeNotice) -> None:
    """Jails by patterns."""
    body = "{event} {jail}"
    notice = make_notice(receiver.url(), events=["ban"], jails=["nginx-*", "sshd"], body=body)
    notice.plugin.unban(make_ban(jail="sshd"))
    for jail in ("dovecot", "nginx-auth", "sshd-more", "sshd"):
        notice.plugin.ban(make_ban(jail=jail))
    wait(lambda: len(receiver.requests) == 2, "two requests")
    assert receiver.bodies == ["ban nginx-auth", "ban sshd"]


def test_what_a_client_wrote_stays_a_value(receiver: Receiver, make_notice: MakeNotice) -> None:
    """Quotes, braces and newlines in a reason end nothing and mean nothing."""
    reason = '"}, {"event": "{network}\n\x00'
    make_notice(receiver.url(), body={"text": "why: {reason}"}).plugin.ban(make_ban(reason=reason))
    wait(lambda: receiver.requests, "the request")
    assert receiver.bodies == [{"text": f"why: {reason}"}]


def test_gathered_messages_come_together(receiver: Receiver, make_notice: MakeNotice) -> None:
    """In one request, in their order."""
    notice = make_notice(receiver.url(), gather="50ms", body="{network}")
    for number in (1, 2, 3):
        notice.plugin.ban(make_ban(number))
    wait(lambda: receiver.requests, "the request")
    assert receiver.bodies == [{"messages": ["192.0.2.1", "192.0.2.2", "192.0.2.3"]}]


def test_gathered_messages_can_be_one_text(receiver: Receiver, make_notice: MakeNotice) -> None:
    """For chats."""
    envelope = {"text": "{number} on {hostname}:\n{text}"}
    notice = make_notice(receiver.url(), gather="50ms", body="{network}", envelope=envelope)
    notice.plugin.ban(make_ban(1))
    notice.plugin.ban(make_ban(2))
    wait(lambda: receiver.requests, "the request")
    text = f"2 on {socket.gethostname()}:\n192.0.2.1\n192.0.2.2"
    assert receiver.bodies == [{"text": text}]


def test_a_connection_is_used_again(receiver: Receiver, make_notice: MakeNotice) -> None:
    """TLS need not be agreed upon anew for each message."""
    notice = make_notice(receiver.url())
    for number in (1, 2, 3):
        notice.plugin.ban(make_ban(number))
    wait(lambda: len(receiver.requests) == 3, "all requests")
    assert receiver.connections == 1


def test_secrets_are_sent_and_read_from_files(
    receiver: Receiver, make_notice: MakeNotice, tmp_path: Path
) -> None:
    """The token, a header, and the URL itself."""
    for name, text in (("token", "t0ken\n"), ("key", "k3y\n"), ("url", receiver.url() + "\n")):
        (tmp_path / name).write_text(text)
    notice = make_notice(
        None,
        url_file=tmp_path / "url",
        token_file=tmp_path / "token",
        header_files={"X-Api-Key": tmp_path / "key"},
        headers={"X-Sender": "tests"},
        method="PUT",
    )
    notice.plugin.ban(make_ban())
    wait(lambda: receiver.requests, "the request")
    (request,) = receiver.requests
    assert request.line.startswith("PUT /hook/")
    assert request.headers["authorization"] == "Bearer t0ken"
    assert request.headers["x-api-key"] == "k3y"
    assert request.headers["x-sender"] == "tests"


def test_environment_variables_choose_no_proxy(
    receiver: Receiver, make_notice: MakeNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wants one says so in the settings."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    make_notice(receiver.url()).plugin.ban(make_ban())
    wait(lambda: receiver.requests, "the request")


def test_a_proxy_of_the_settings_is_used(receiver: Receiver, make_notice: MakeNotice) -> None:
    """It gets the whole URL, and who we are to it."""
    proxy = receiver.url().replace("http://", "http://me:pass@").partition("/hook")[0]
    make_notice("http://hooks.example/x", proxy=proxy).plugin.ban(make_ban())
    wait(lambda: receiver.requests, "the request")
    (request,) = receiver.requests
    assert request.line == "POST http://hooks.example/x HTTP/1.1"
    assert request.headers["proxy-authorization"].startswith("Basic ")


def test_no_more_is_sent_than_the_rate_allows(receiver: Receiver, clock: Clock) -> None:
    """There is a pause behind each request, also behind the first."""
    notice = Notice(clock, {"soc": {"url": receiver.url(), "rate": 4}})
    notice.engine.greenlets.kill()
    notice.plugin.ban(make_ban())
    assert notice.plugin._channels["soc"].attempt() == 0.25
    notice.end()


def test_what_became_of_messages_is_counted(
    receiver: Receiver, make_notice: MakeNotice, clock: Clock
) -> None:
    """By the webhook's name, and nothing is wrong."""
    notice = make_notice(receiver.url())
    notice.plugin.ban(make_ban())
    wait(lambda: notice.count("sent_total") == 1, "it is counted")
    clock.turn(60)
    assert notice.count("failed_total") == notice.count("dropped_total") == 0
    assert notice.count("waiting") == 0
    assert notice.problems == []
    names = [metric.samples[0][0] for metric in notice.plugin.status().metrics]
    assert names == [{"name": "soc"}] * 4
