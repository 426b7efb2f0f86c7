"""fail2ban's INI dialect: one file's text into sections of raw values.

It is Python's ConfigParser with these settings: option names lower-cased, ``=`` or ``:`` between
name and value, whole-line comments with ``#`` or ``;`` (also inside a value), inline comments with
a blank and ``;``, values continued on indented lines. Nothing is interpolated here.
"""

from configparser import Error, RawConfigParser
from pathlib import Path

from webfail2ban.errors import FilterError

#: The section whose options stand in for missing ones of every other section.
DEFAULT = "DEFAULT"

#: Raw values: section -> option -> text.
Sections = dict[str, dict[str, str]]


def read_ini(path: Path) -> Sections:
    """Read one file.

    Args:
        path: The file.

    Returns:
        Its sections in their order, each with its own options only; ``DEFAULT`` is one of them.

    Raises:
        FilterError: The file cannot be read, is no UTF-8, or breaks the dialect's rules (a section
            or an option that occurs twice is such a case).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise FilterError(path, None, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise FilterError(path, None, f"is not UTF-8: {error.reason}") from error
    return parse_ini(text, path)


def parse_ini(text: str, path: Path) -> Sections:
    """Do `read_ini`'s work on text that was already read; `path` is for messages only."""
    parser = RawConfigParser(
        comment_prefixes=("#", ";"),
        inline_comment_prefixes=(";",),
        default_section="\0",  # a name no file can hold: DEFAULT is kept apart like any section
    )
    try:
        parser.read_string(text, str(path))
    except Error as error:
        raise FilterError(path, None, " ".join(str(error).split())) from error
    return {section: dict(parser.items(section)) for section in parser.sections()}
