"""What commands take from their arguments, in whatever a terminal speaks."""

import pytest
from click import BadParameter

from tests.commands.steering.conftest import Run
from webfail2ban.commands.steering.options import read_text


def test_text_is_taken_as_it_is() -> None:
    """In any script."""
    assert read_text("schlägt Paßwörter vor ☃") == "schlägt Paßwörter vor ☃"


def test_what_is_no_text_is_told() -> None:
    """Python hands bytes on that aren't UTF-8, and the engine takes none."""
    with pytest.raises(BadParameter, match=r"'\\udcff' is no text in UTF-8"):
        read_text("\udcff")


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize(
    "args",
    [
        ("ban", "192.0.2.1", "--reason", "\udcff"),
        ("ban", "192.0.2.1", "--jail", "\udcff"),
        ("bans", "--jail", "\udcff"),
        ("bans", "--reason", "\udcff"),
        ("export", "--jail", "\udcff"),
        ("unban", "192.0.2.1", "--jail", "\udcff"),
        ("import", "/dev/null", "--jail", "\udcff"),
        ("import", "/dev/null", "--reason", "\udcff"),
        ("feeds", "accept", "\udcff"),
    ],
)
def test_no_command_sends_it(run: Run, args: tuple[str, ...]) -> None:
    """A sentence, and exit status 2."""
    ran = run(*args)
    assert ran.status == 2
    assert "is no text in UTF-8" in ran.err
