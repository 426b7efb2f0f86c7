"""What our configuration means for HAProxy's."""

from pathlib import Path
from typing import Any

import pytest

from webfail2ban.config import EngineSettings
from webfail2ban.errors import ConfigurationError
from webfail2ban.haproxykit import Names, name_agent
from webfail2ban.haproxykit.names import Wishes

ETC = Path("/etc/haproxy")


def names(
    agent: str | None = None, chroot: Path | None = Path("/var/lib/haproxy"), **sections: Any
) -> Names:
    settings = EngineSettings.model_validate(sections)
    return name_agent(settings, Wishes((2, 8), ETC, "wf2b", agent, chroot))


@pytest.mark.parametrize(
    ("address", "agent", "server"),
    [
        ("127.0.0.1", None, "127.0.0.1:12346"),
        ("0.0.0.0", None, "127.0.0.1:12346"),
        ("::", None, "[::1]:12346"),
        ("192.0.2.1", None, "192.0.2.1:12346"),
        ("agent.example", None, "agent.example:12346"),
        ("0.0.0.0", "192.0.2.9", "192.0.2.9:12346"),
        ("::", "2001:db8::1", "[2001:db8::1]:12346"),
        ("agent.example", "other.example", "other.example:12346"),
        ("agent.example", "2001:db8::1", "[2001:db8::1]:12346"),
    ],
)
def test_the_agent_is_asked_where_it_listens(address: str, agent: str | None, server: str) -> None:
    """On this machine, unless another is named."""
    found = names(agent, spoa={"address": address, "port": 12346})
    assert (found.server, found.warnings) == (server, ())


def test_an_agent_of_this_machine_alone_is_not_asked_from_another() -> None:
    """It is said."""
    found = names("192.0.2.9", spoa={"address": "127.0.0.1"})
    assert "127.0.0.1 alone" in found.warnings[0]


@pytest.mark.parametrize(
    ("chroot", "server", "warns"),
    [
        ("/var/lib/haproxy", "unix@/wf/spoa.sock", False),
        (None, "unix@/var/lib/haproxy/wf/spoa.sock", False),
        ("/srv/jail", "unix@/var/lib/haproxy/wf/spoa.sock", True),
    ],
)
def test_a_unix_socket_is_looked_for_inside_the_chroot(
    chroot: str | None, server: str, warns: bool
) -> None:
    """One outside of it can't be found."""
    spoa = {"address": "/var/lib/haproxy/wf/spoa.sock"}
    found = names(None, Path(chroot) if chroot else None, spoa=spoa)
    assert found.server == server
    assert any("below its chroot" in warning for warning in found.warnings) == warns


def test_tls_is_spoken_where_the_agent_speaks_it(tmp_path: Path) -> None:
    """With a certificate of HAProxy's own where the agent asks for one."""
    tls = {"certificate": str(tmp_path / "a"), "client_ca": str(tmp_path / "b")}
    found = names("agent.example", spoa={"address": "0.0.0.0", "tls": tls})
    assert found.options == (
        " ssl verify required ca-file /etc/haproxy/webfail2ban-ca.pem verifyhost agent.example"
        " crt /etc/haproxy/webfail2ban-client.pem"
    )
    assert len(found.warnings) == 2
    assert "verifyhost" not in names("192.0.2.1", spoa={"address": "::", "tls": tls}).options


def test_times_follow_ours() -> None:
    """HAProxy closes first, and waits for longer than a plugin may."""
    assert (names().idle, names().processing) == (20, 0.05)
    found = names(spoa={"read_timeout": "15s"}, verdict={"timeout": "40ms"})
    assert (found.idle, found.processing) == (10, 0.08)


def test_variables_of_plugins_are_registered() -> None:
    """Those that nobody else would name."""
    assert names(plugins=["geoip"]).variables == ("country", "asn")


def test_another_scope_is_taken_and_warned_of() -> None:
    """The scenarios are tried with txn."""
    found = names(verdict={"scope": "sess"})
    assert found.scope == "sess"
    assert "verdict.scope" in found.warnings[0]


@pytest.mark.parametrize("spoa", [{"enabled": False}, {"port": 0}])
def test_who_can_not_be_asked_is_an_error(spoa: dict[str, Any]) -> None:
    """Nobody is there, or nobody knows where."""
    with pytest.raises(ConfigurationError, match=r"spoa\."):
        names(spoa=spoa)
