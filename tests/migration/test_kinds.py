"""Whose configuration a path is."""

from pathlib import Path

import pytest

from webfail2ban.errors import ConfigurationError
from webfail2ban.migration import Kind, guess_kind


@pytest.mark.parametrize(
    ("file", "asked", "kind"),
    [
        ("jail.conf", ".", Kind.FAIL2BAN),
        ("jail.local", ".", Kind.FAIL2BAN),
        ("jail.local", "jail.local", Kind.FAIL2BAN),
        ("jail.d/mine.conf", ".", Kind.FAIL2BAN),
        ("config.yaml", ".", Kind.PREDECESSOR),
        ("old.yml", "old.yml", Kind.PREDECESSOR),
    ],
)
def test_it_is_told_by_its_files(tmp_path: Path, file: str, asked: str, kind: Kind) -> None:
    """A directory by what is in it, a file by its ending."""
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.touch()
    assert guess_kind(tmp_path / asked) is kind


def test_anything_else_is_asked_for(tmp_path: Path) -> None:
    """The message says how to say it."""
    with pytest.raises(ConfigurationError, match="--from"):
        guess_kind(tmp_path)
