"""From a log line to HAProxy's answer, and back when the ban is over."""

from itertools import groupby

from tests.e2e.agent import ATTACK
from tests.e2e.clients import http_client
from tests.e2e.probe import Probe
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until

MAIL_LOG_LINE = (
    "Nov 21 10:00:00 mail dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): "
    "user=<anna>, method=PLAIN, rip={}, lip=192.0.2.1, TLS, session=<aMn1>\n"
)


def test_six_failed_logins_by_syslog_ban(probe: Probe) -> None:
    """A client that was let in gets 403 after the mission's test line has come six times."""
    assert probe.get("192.168.1.100").status == 200
    for _ in range(6):
        probe.agent.hear(
            "<134>Nov 21 10:00:00 hostname dovecot: auth failed, method=PLAIN, rip=192.168.1.100"
        )
    probe.wait_for("192.168.1.100", 403)


def test_lines_of_a_followed_file_ban(probe: Probe) -> None:
    """Failed logins in a log file ban their client, too."""
    assert probe.get("192.0.2.10").status == 200
    with probe.agent.mail_log.open("a", encoding="utf-8") as log:
        log.write(5 * MAIL_LOG_LINE.format("192.0.2.10"))
    probe.wait_for("192.0.2.10", 403)


def test_only_the_named_client_is_banned(probe: Probe) -> None:
    """A ban of one address leaves its neighbour alone."""
    probe.ban("192.0.2.20")
    assert probe.get("192.0.2.21").status == 200


def test_a_whitelisted_client_passes_although_banned(stage: Stage) -> None:
    """The agent's own whitelist wins over a ban."""
    agent = stage.start_agent(whitelist={"networks": ["198.51.100.0/24"]})
    probe = Probe(stage, agent)
    agent.fail_logins("198.51.100.7")
    probe.ban("198.51.101.7")  # heard later, so the other one is banned by now
    agent.process.wait_for(" ban 198.51.100.7")
    answer = probe.get("198.51.100.7")
    assert (answer.status, answer.headers["x-banned"]) == (200, "0")


def test_a_ban_begins_and_ends_within_a_kept_alive_connection(probe: Probe) -> None:
    """One connection sees 200s, from the ban on 403s, and 200s once its time is over."""
    with http_client(probe.port, "192.0.2.30") as client:
        statuses = [client.get().status for _ in range(50)]
        probe.agent.hear(ATTACK.format("192.0.2.30"))

        def ask_on() -> bool:
            statuses.append(client.get().status)
            return len(statuses) >= 100 and statuses[-1] == 200 and 403 in statuses

        wait_until(ask_on, "the ban ends")
    assert [status for status, _ in groupby(statuses)] == [200, 403, 200]
