"""What a shell is told when somebody presses the tab key."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.steering.conftest import Run


def complete(directory: Path, *words: str) -> list[str]:
    """Ask as bash does; return what it would offer."""
    env = os.environ | {
        "_WEBFAIL2BAN_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("webfail2ban", *words)),
        "COMP_CWORD": str(len(words)),
    }
    code = "import sys; sys.argv[0] = 'webfail2ban'\nimport webfail2ban.cli; webfail2ban.cli.main()"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=directory,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == ""
    return [line.partition(",")[2] for line in ran.stdout.split()]


def test_commands_and_options_are_completed(tmp_path: Path) -> None:
    """Without an engine."""
    assert complete(tmp_path, "un") == ["unban"]
    assert complete(tmp_path, "ban", "--re") == ["--reason"]


@pytest.mark.usefixtures("serving")
def test_jails_and_banned_addresses_are_completed(run: Run, tmp_path: Path) -> None:
    """From the running engine."""
    run("ban", "192.0.2.66", "2001:db8::/48", "--jail", "spam")
    assert complete(tmp_path, "bans", "--jail", "s") == ["sshd", "spam"]
    assert complete(tmp_path, "unban", "192") == ["192.0.2.66"]
    assert complete(tmp_path, "unban", "--jail", "sshd", "192") == []
    assert complete(tmp_path, "check", "2") == ["2001:db8::/48"]


def test_without_an_engine_nothing_is_offered(tmp_path: Path) -> None:
    """And nothing is said."""
    assert complete(tmp_path, "unban", "--api", "nowhere.sock", "192") == []
    (tmp_path / "config.yaml").write_text("api: [")
    assert complete(tmp_path, "unban", "--jail", "s") == []


@pytest.mark.parametrize(
    ("shell", "said"), [("bash", "complete -o"), ("zsh", "#compdef"), ("fish", "complete ")]
)
def test_a_shell_is_told_what_to_do(run: Run, shell: str, said: str) -> None:
    """Its own script, which asks this program."""
    ran = run("completion", shell)
    assert (ran.status, ran.err) == (0, "")
    assert said in ran.out
    assert "_WEBFAIL2BAN_COMPLETE=" in ran.out
