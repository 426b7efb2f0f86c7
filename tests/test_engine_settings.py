"""What check-config and run say of users, groups and certificates: as of any other setting."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tls.certificates import Pki
from tests.waiting import PATIENCE
from webfail2ban.config import check, parse
from webfail2ban.engine_settings import check_engine_settings, find_engine_problems
from webfail2ban.errors import ConfigurationError

WRONG = """\
user: nobdy
spoa:
  port: 0
  tls:
    certificate: agent.pem
    key: missing.key
verdict: {score_threshold: many}
"""


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return Pki(tmp_path)


def complain(directory: Path, command: str, text: str) -> list[str]:
    """Run a command with a configuration that it refuses; return what it said."""
    config = directory / "config.yaml"
    config.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "webfail2ban", command, "--config", config],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    return done.stderr.replace(f"{directory}/", "").splitlines()


def test_check_config_tells_everything_at_once(pki: Pki) -> None:
    """With file, line and column, beside what the models find."""
    pki.agent()
    assert complain(pki.directory, "check-config", WRONG) == [
        "error: config.yaml:1:7: user: there is no user 'nobdy'",
        "error: config.yaml:6:10: spoa.tls.key: can't read missing.key: No such file or directory",
        "error: config.yaml:7:28: verdict.score_threshold: must be a whole number, not 'many'",
    ]


def test_a_certificate_that_is_missing_stops_the_start(tmp_path: Path) -> None:
    """With the same words."""
    text = "spoa:\n  port: 0\n  tls: {certificate: a.pem}\n"
    assert complain(tmp_path, "run", text) == [
        "error: config.yaml:3:22: spoa.tls.certificate: can't read a.pem: No such file or directory"
    ]


def test_a_certificate_that_nobody_uses_may_be_missing() -> None:
    """Where HAProxy isn't answered at all."""
    document = parse("spoa: {enabled: false, tls: {certificate: /missing}}", "config.yaml", {})
    assert not list(find_engine_problems(check(document, {}).engine))


def test_what_is_wrong_is_raised_with_its_place() -> None:
    """As the program does at its start."""
    document = parse("user: nobdy\ngroup: demons\n", "config.yaml", {})
    with pytest.raises(ConfigurationError) as caught:
        check_engine_settings(check(document, {}))
    assert str(caught.value).splitlines() == [
        "config.yaml:1:7: user: there is no user 'nobdy'",
        "config.yaml:2:8: group: there is no group 'demons'",
    ]


def test_what_is_right_is_not_mentioned(pki: Pki) -> None:
    """Neither as an error nor as a warning."""
    text = f"spoa: {{tls: {{certificate: {pki.agent()}}}}}"
    assert check_engine_settings(check(parse(text, "config.yaml", {}), {})) == ()
