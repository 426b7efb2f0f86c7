"""The bans in fail2ban's database, which it keeps in SQLite.

Since 0.11 the table ``bips`` has the last ban of each address in each jail, with its length and how
many there have been; before that, and in what such a version left to a later one, the length of a
ban isn't known. ``bans`` has every ban of the last day or so. Nothing is written, and fail2ban may
run meanwhile.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from webfail2ban.banlists.reading import Defaults, Fault
from webfail2ban.errors import InputFileError
from webfail2ban.model import Ban

#: Seconds to wait for fail2ban, which locks the file for as long as it writes.
PATIENCE = 10.0

#: How fail2ban writes a length without an end.
ENDLESS = -1

#: The last ban of each address in each jail, by the tables that there are.
QUERIES = {
    "bips": "SELECT ip, jail, timeofban, bantime, bancount, data FROM bips ORDER BY timeofban",
    "bans": "SELECT ip, jail, max(timeofban), {length}, count(*), data FROM bans "
    "GROUP BY ip, jail ORDER BY 3",
}

#: Columns of a row.
Row = tuple[Any, Any, Any, Any, Any, Any]


@dataclass(slots=True)
class Census:
    """What a database held besides what was yielded.

    Attributes:
        over: Bans that are over.
        assumed: Bans whose length isn't known, of those that were yielded.
    """

    over: int = 0
    assumed: int = 0


def read_database(path: Path, defaults: Defaults, census: Census) -> Iterator[Ban | Fault]:
    """Yield the bans that are in force, with the time that they have left.

    Args:
        path: The database's file.
        defaults: What it doesn't say: how long bans of unknown length last, from their beginning.
        census: Counts what isn't yielded.

    Raises:
        InputFileError: the file isn't there, is no database of fail2ban's, or is damaged.
    """
    with _explained(path), closing(_open(path)) as connection:
        faults = [text for (text,) in connection.execute("PRAGMA quick_check(1)") if text != "ok"]
        if faults:
            raise InputFileError(str(path), f"is damaged: {' '.join(faults[0].split())}")
        for number, row in enumerate(connection.execute(_query(path, connection)), 1):
            yield from _read(number, row, defaults, census)


def _open(path: Path) -> sqlite3.Connection:
    """Open a file that has to be there, for reading."""
    path = path.absolute()
    path.open("rb").close()  # what is wrong is said better so
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=PATIENCE)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    return connection


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong into an error that names the file."""
    try:
        yield
    except OSError as error:
        raise InputFileError(str(path), error.strerror or str(error)) from None
    except sqlite3.OperationalError as error:
        hint = "copy the file, with what stands beside it by that name, and name the copy"
        raise InputFileError(str(path), f"can't be read: {error}; {hint}") from None
    except sqlite3.DatabaseError as error:
        raise InputFileError(str(path), f"is damaged, or no database: {error}") from None


def _query(path: Path, connection: sqlite3.Connection) -> str:
    """Return what asks for the last bans.

    Raises:
        InputFileError: the database is somebody else's.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not {"fail2banDb", "bans"} <= tables:
        raise InputFileError(str(path), "is no database of fail2ban's: its tables aren't there")
    if "bips" in tables:
        return QUERIES["bips"]
    columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(bans)")}
    return QUERIES["bans"].format(length="bantime" if "bantime" in columns else "NULL")


def _read(number: int, row: Row, defaults: Defaults, census: Census) -> Iterable[Ban | Fault]:
    """Return the ban of a row; none if it is over."""
    address, jail, since, length, count, data = row
    try:
        until, known = _end(since, length, defaults)
        if until <= defaults.now:
            census.over += 1
            return ()
        named = defaults.make(str(address), str(jail))
        said = _said(data)
        ban = Ban(
            named.network,
            named.jail,
            min(float(since), defaults.now),
            until,
            said.reason,
            max(0, int(count) - 1),
            said.lines,
        )
    except (TypeError, ValueError, OverflowError) as error:  # SQLite has no types of columns
        return (Fault(number, f"{address!r:.60} [{jail!r:.60}]: {error}"),)
    census.assumed += not known
    return (ban,)


def _end(since: Any, length: Any, defaults: Defaults) -> tuple[float, bool]:
    """Return when a ban ends, and whether that is known."""
    if length == ENDLESS:
        return inf, True
    known = length is not None and length >= 0
    return float(since) + (length if known else defaults.duration), known


@dataclass(frozen=True, slots=True)
class _Said:
    """What fail2ban keeps with a ban."""

    reason: str
    lines: tuple[str, ...]


def _said(data: Any) -> _Said:
    """Read what fail2ban writes as JSON: the number of failures, and their lines."""
    try:
        values = json.loads(data)
        failures, matches = values.get("failures"), values.get("matches") or ()
        lines = tuple(line if isinstance(line, str) else "".join(line) for line in matches)
    except (TypeError, ValueError, AttributeError):
        return _Said("banned by fail2ban", ())
    if not failures:
        return _Said("banned by fail2ban", lines)
    return _Said(f"banned by fail2ban: {failures} failure{'s' * (failures != 1)}", lines)
