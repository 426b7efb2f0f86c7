"""The predecessor's configuration."""

from pathlib import Path
from textwrap import dedent, indent

import pytest

from tests.migration.conftest import Engines, settings_of
from webfail2ban.errors import ConfigurationError
from webfail2ban.migration import Draft, draft_predecessor, render

PATTERNS = """
syslog:
  address: "127.0.0.1:5514"
  patterns:
    - name: imap
      regex: 'dovecot: .*auth failed.*rip=([0-9a-f.:]+)'
      ip_group: 1
      severity: 4
      description: A wrong password
    - {name: smtp, regex: 'postfix.*\\[([0-9.]+)\\]: SASL', ip_group: 1}
"""
LINE = "mx dovecot: imap-login: auth failed, method=PLAIN, rip={}"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def draft(path: Path, text: str) -> Draft:
    path.write_text(dedent(text), "utf-8")
    return draft_predecessor(path)


def test_its_patterns_ban_as_they_did(old: Path, engine_of: Engines) -> None:
    """So many matches, of whatever pattern, and for IPv6 too."""
    ban = "ban: {max_attempts: 3, time_window: 10m, initial_ban_time: 7m}"
    box = engine_of(draft(old, PATTERNS + ban))
    for client in ("192.0.2.1", "2001:db8::1"):
        box.hear(LINE.format(client), LINE.format(client))
        assert box.ask(client)["banned"] == 0
        box.hear(LINE.format(client))
        assert (box.ask(client)["banned"], box.ask(client)["ttl"]) == (1, 420)


def test_each_ban_is_longer_by_its_factor(old: Path, engine_of: Engines) -> None:
    """Up to its longest."""
    ban = """
    ban: {max_attempts: 1, initial_ban_time: 100s, escalation_factor: 3, max_ban_time: 500s}
    """
    box = engine_of(draft(old, PATTERNS + dedent(ban)))
    lasted = []
    for _ in range(3):
        box.hear(LINE.format("192.0.2.1"))
        lasted.append(box.ask("192.0.2.1")["ttl"])
        box.turn(600)
    assert lasted == [100, 300, 500]


def test_what_it_says_of_haproxy_stays(old: Path) -> None:
    """Names are the same; what it did without being told is said."""
    text = "spoa: {address: 192.0.2.1, port: 12346, max_clients: 7, read_timeout: 1m30s}"
    assert settings_of(draft(old, text))["spoa"] == {
        "enabled": True,
        "address": "192.0.2.1",
        "port": 12346,
        "max_clients": 7,
        "read_timeout": "1m30s",
    }
    assert settings_of(draft(old, "ban: {}"))["spoa"]["address"] == "0.0.0.0"


@pytest.mark.parametrize("address", ["0.0.0.0:514", ":514", "192.0.2.1:514"])
def test_lines_from_others_need_their_names(old: Path, address: str) -> None:
    """It took everybody's; here nobody's until somebody is named."""
    found = draft(old, f"syslog: {{address: '{address}', protocol: tcp}}")
    syslog = settings_of(found)["syslog"]
    assert syslog["allow"] == ["127.0.0.0/8", "::1"]
    assert syslog["protocols"] == ["tcp"]
    assert any("name in `allow`" in said for said in found.left_out)


def test_nginx_is_answered_where_it_asked(old: Path) -> None:
    """It has to be named, if it may be on another machine; one that is switched off isn't."""
    found = draft(old, "{ban: {}, nginx: {address: 127.0.0.1, port: 8889}}")
    assert settings_of(found)["http"] == {
        "address": "127.0.0.1",
        "port": 8889,
        "read_timeout": "10s",
    }
    found = draft(old, "{ban: {}, nginx: {}, spoa: {}}")
    assert "http" not in settings_of(found)
    found = draft(old, "{ban: {}, nginx: {port: 8888}}")
    assert settings_of(found)["http"]["trusted"] == ["127.0.0.0/8", "::1"]
    assert any("name in `trusted`" in said for said in found.left_out)
    assert "http" not in settings_of(draft(old, "{ban: {}, nginx: {enabled: false}}"))


def test_every_key_without_a_counterpart_is_named(old: Path) -> None:
    """In the file and in the list."""
    found = draft(
        old,
        """
        ban: {cleanup_interval: 1m, max_memory_ttl: 72h, initial_ban_time: soon, colour: red}
        spoa: {colour: red}
        syslog: {patterns: [{name: none, regex: x, ip_group: 1}, {regex: '^(\\S+)'}], colour: red}
        nginx: {port: 8888, return_json: true}
        envoy: {port: 9001}
        database: {driver: sqlite3}
        prometheus: {port: 2112}
        colour: red
        """,
    )
    text = " ".join(render(found).replace("#", "").split())
    for said in (
        *("cleanup_interval", "initial_ban_time: it must be a duration", "return_json", "envoy"),
        *("database", "prometheus", "none: it has no group 1", "pattern 2 has no ip_group"),
    ):
        assert any(said in left for left in found.left_out), said
        assert said in text
    assert sum("colour" in left for left in found.left_out) == 4
    assert settings_of(found)["store"] == {"purge_age": "72h"}


def test_what_it_can_not_be_is_an_error(old: Path) -> None:
    """Each with the file's name."""
    deep = f"ban: {'[' * 5000}"
    for text in ("jails: {}", "- x", "a: [", "", "plugins: [jails]\nspoa: {}", deep):
        with pytest.raises(ConfigurationError, match=r"config\.yaml: is (no|nested)"):
            draft(old, text)
    with pytest.raises(ConfigurationError, match="nowhere: No such file"):
        draft_predecessor(Path("nowhere"))


def test_safer_filters_are_named(old: Path) -> None:
    """Those for the programs that the patterns are about."""
    text = render(draft(old, indent(PATTERNS, "")))
    assert "# dovecot: {filter: 'dovecot[mode=login]'}" in text
    assert "# postfix: {filter: 'postfix'}" in text
    assert "sogo" not in text
