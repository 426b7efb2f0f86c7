"""Which entries are meant."""

import pytest

from webfail2ban_journald.matches import join_matches, parse_match


def test_words_are_quoted_as_for_a_shell() -> None:
    """As fail2ban reads `journalmatch`."""
    text = "_SYSTEMD_UNIT=ssh.service + _COMM=sshd 'MESSAGE=a b'"
    assert parse_match(text) == ("_SYSTEMD_UNIT=ssh.service", "+", "_COMM=sshd", "MESSAGE=a b")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "+ A=b",
        "A=b +",
        "A=b + + C=d",
        "sshd",
        "ssh.service",
        "--file=/etc/passwd",
        "-f",
        "/usr/sbin/sshd",
        "a=b",
        "1A=b",
        "=b",
        "A=\0",
        f"{'A' * 65}=b",
        '"A=b',
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """Above all what journalctl would take for an option."""
    with pytest.raises(ValueError, match="must "):
        parse_match(text)


def test_one_match_or_another() -> None:
    """What several filters want, each once."""
    one, other = ("A=b", "C=d"), ("E=f",)
    assert join_matches([one, other, one]) == ("A=b", "C=d", "+", "E=f")
    assert join_matches([]) == ()
