"""Where filters are found: as jails find theirs."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

#: The plugin that brings filters, found without importing it: it is a plugin like any other.
JAILS_PLUGIN = "webfail2ban_jails"

#: fail2ban's own filters, where it is installed.
FAIL2BAN_FILTERS = Path("/etc/fail2ban/filter.d")


def filter_dirs(own: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Return where filters are looked for, first to last.

    Args:
        own: The operator's directories: ``filter.dirs`` of the engine's settings.
    """
    spec = find_spec(JAILS_PLUGIN)
    shipped = (
        [Path(place, "filter.d") for place in spec.submodule_search_locations or ()] if spec else []
    )
    return (*own, *(path for path in (*shipped, FAIL2BAN_FILTERS) if path.is_dir()))
