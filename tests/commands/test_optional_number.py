from math import inf

import click
import pytest
from click.testing import CliRunner

from webfail2ban.commands.optional_number import CommandWithOptionalNumbers, OptionalNumber


@click.command(cls=CommandWithOptionalNumbers)
@click.option("--some", cls=OptionalNumber, help="Some of them.")
@click.argument("names", nargs=-1)
def command(some: float, names: tuple[str, ...]) -> None:
    """Show what arrives."""
    click.echo(f"{some} {','.join(names)}")


@pytest.mark.parametrize(
    ("args", "shown"),
    [
        (["a"], "0 a"),
        (["--some", "5", "a"], "5 a"),
        (["--some=5", "a"], "5 a"),
        (["--some", "a"], f"{inf} a"),
        (["a", "--some"], f"{inf} a"),
        (["--", "--some", "a"], "0 --some,a"),
        (["--some", "--", "5"], f"{inf} 5"),
    ],
)
def test_only_a_number_is_the_options_own(args: list[str], shown: str) -> None:
    """What else follows is an argument."""
    assert CliRunner().invoke(command, args).output == f"{shown}\n"


def test_what_is_no_number_is_refused() -> None:
    """Where it is plainly meant for one."""
    result = CliRunner().invoke(command, ["--some=few"])

    assert result.exit_code == 2
    assert "'few' is no number of lines" in result.output


def test_the_number_is_shown_as_optional() -> None:
    """In the help."""
    assert "--some [N]" in CliRunner().invoke(command, ["--help"]).output
