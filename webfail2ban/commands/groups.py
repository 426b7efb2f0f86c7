"""A group of commands, each imported when it is asked for, and shown under what it is for."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import click

#: The commands by what they are for: each one's name and where it is, ``module:attribute``.
Sections = Mapping[str, Mapping[str, str]]


class SectionedGroup(click.Group):
    """A group that imports none of its commands before somebody asks for it.

    ``webfail2ban status`` is often asked, and needs nothing of what ``test-filter`` does.
    """

    sections: Sections = MappingProxyType({})

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands' names in the order of their sections."""
        return [name for commands in self.sections.values() for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Import a command; None if there is none of that name."""
        for commands in self.sections.values():
            if cmd_name in commands:
                module, _, attribute = commands[cmd_name].partition(":")
                command: click.Command = getattr(import_module(module), attribute)
                return command
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections, each command with the first sentence of its help."""
        width = max(map(len, self.list_commands(ctx)))
        limit = formatter.width - width - 6
        for title, names in self.sections.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            rows = [
                (name.ljust(width), command.get_short_help_str(limit))
                for name, command in commands
                if command is not None
            ]
            with formatter.section(title):
                formatter.write_dl(rows)
