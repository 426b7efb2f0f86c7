"""What doctor says of our own configuration."""

from pathlib import Path

import pytest

from webfail2ban.commands.own_configuration import examine_own
from webfail2ban.doctor.finding import Severity

SOUND = """\
plugins: [jails]
spoa: {address: 127.0.0.1, port: 12346}
jails:
  web: {failregex: ['^\\S+ web: refused <HOST>$']}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration without a fault."""
    path = tmp_path / "config.yaml"
    path.write_text(SOUND, "utf-8")
    return path


def test_a_sound_one_has_no_finding(config: Path) -> None:
    """And says where HAProxy is answered."""
    own, findings = examine_own(config)
    assert findings == []
    assert (own.address, own.port, own.file) == ("127.0.0.1", 12346, str(config))


def test_what_check_config_refuses_is_an_error(config: Path) -> None:
    """With its line, and what was meant."""
    config.write_text(SOUND.replace("port:", "prot:"), "utf-8")
    _, [finding] = examine_own(config)
    assert (finding.name, finding.severity) == ("config-wrong", Severity.ERROR)
    assert (finding.file, finding.line) == (str(config), 2)
    assert "port" in finding.remedy


def test_what_check_config_warns_of_is_a_warning(config: Path) -> None:
    """An expression that a user name could satisfy, for instance."""
    config.write_text(SOUND.replace("^\\S+ web: refused", "refused"), "utf-8")
    own, findings = examine_own(config)
    assert {(finding.name, finding.severity) for finding in findings} == {
        ("config-doubtful", Severity.WARNING)
    }
    assert findings[0].line == 4
    assert own.port == 12346


def test_a_plugin_that_is_not_there_is_an_error(config: Path) -> None:
    """Named, with the file that wants it."""
    config.write_text(SOUND.replace("[jails]", "[jails, nothing]"), "utf-8")
    _, findings = examine_own(config)
    assert [finding.name for finding in findings] == ["config-wrong"]
    assert "nothing" in findings[0].sentence
