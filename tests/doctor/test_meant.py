from pathlib import Path

import pytest

from tests.doctor.sites import AGENT, Case, find_all

OPEN = "    server agent1 8.8.8.9:12345 check"


@pytest.mark.parametrize(
    "text",
    [
        f"{OPEN}  # doctor: ignore agent-cleartext\n",
        f"    # Our own line. doctor: ignore agent-cleartext\n{OPEN}\n".replace(
            ". doctor", " # doctor"
        ),
        f"    # doctor: ignore agent-unchecked, agent-cleartext\n    # and why\n{OPEN}\n",
    ],
)
def test_what_is_meant_is_not_found(tmp_path: Path, text: str) -> None:
    """A comment behind the line or above it says so."""
    assert find_all(tmp_path, Case("none", cfg=((AGENT, text),))) == ()


@pytest.mark.parametrize(
    "text",
    [
        f"{OPEN}  # doctor: ignore agent-unchecked\n",
        f"    # doctor: ignore agent-cleartext\n\n{OPEN}\n",
        f"    # doctor: ignore agent-cleartext\n    retries 1\n{OPEN}\n",
    ],
)
def test_a_comment_is_about_one_line_and_one_finding(tmp_path: Path, text: str) -> None:
    """An empty line, or another one, ends what it is about."""
    found = find_all(tmp_path, Case("none", cfg=((AGENT, text),)))
    assert [finding.name for finding in found] == ["agent-cleartext"]


def test_a_section_may_have_one_too(tmp_path: Path) -> None:
    """Some findings stand at its first line."""
    head = "backend webfail2ban-agents\n"
    cfg = (
        (head, f"{head.rstrip()}  # doctor: ignore agent-check-plain\n"),
        ("    option spop-check\n", ""),
    )
    assert find_all(tmp_path, Case("none", cfg=cfg)) == ()
