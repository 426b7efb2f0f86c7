"""What is wrong with the files that the settings name."""

from collections.abc import Iterator
from pathlib import Path

from webfail2ban import SettingsProblem
from webfail2ban_whitelist.listfile import parse_list, read_list
from webfail2ban_whitelist.settings import WhitelistSettings


def find_problems(settings: WhitelistSettings) -> Iterator[SettingsProblem]:
    """Find files that can't be read, and lines that mean nothing; both may be mended later."""
    for index, path in enumerate(settings.files):
        said = _find_problem(path)
        if said:
            yield SettingsProblem(("files", index), said, warning=True)


def _find_problem(path: Path) -> str:
    try:
        _, bad = parse_list(read_list(path))
    except OSError as error:
        return f"{path} can't be read: {error.strerror or error}"
    if not bad:
        return ""
    number, word = bad[0]
    more = f" ({len(bad) - 1} more like it)" if len(bad) > 1 else ""
    return f"{path}:{number}: {word!r:.60} is no address and no network; the line is skipped{more}"
