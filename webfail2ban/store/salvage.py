"""Takes over what can still be read of a damaged database, row by row where it must be.

Rows are read some hundreds at a time. Where that fails the half of them is tried, down to the
single row, so that a page that is spoiled costs the rows that were on it. What is read isn't
trusted: a row that isn't as we would have written it is left behind.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from webfail2ban.store import connecting

#: Rows that are read at once.
SLICE = 512

#: Reads that may fail: some seconds. What is left then isn't halved any more.
MOST_FAULTS = 20_000

#: Rows that fit into a page at most, for a table whose end can't be read.
ROWS = 200

#: Whether an address and its prefix are a network, and a jail and a beginning those of a ban. The
#: digit of an IPv6 address in which the prefix ends is looked at bit by bit.
_BAN = """
    CASE typeof(address)
        WHEN 'integer' THEN prefix BETWEEN 0 AND 32 AND address BETWEEN 0 AND 4294967295
            AND address & ((1 << (32 - prefix)) - 1) = 0
        WHEN 'text' THEN prefix BETWEEN 0 AND 128
            AND length(address) = 32 AND address NOT GLOB '*[^0-9a-f]*'
            AND substr(address, prefix / 4 + 2) NOT GLOB '*[^0]*'
            AND (instr('0123456789abcdef', substr(address, prefix / 4 + 1, 1)) - 1)
                & ((16 >> prefix % 4) - 1) = 0
        END
    AND typeof(prefix) = 'integer' AND typeof(jail) = 'text' AND typeof(since) = 'real'
    """


@dataclass(frozen=True, slots=True)
class Part:
    """What is taken over, and how.

    Attributes:
        table: Where its rows are numbered; empty for few rows without numbers.
        read: Reads the rows above one number up to another, as one JSON text.
        write: Writes such a text, beside what is there already.
    """

    table: str
    read: str
    write: str


BANS = Part(
    "ban",
    f"""
    SELECT json_group_array(json_array(
        address, prefix, jail, since, nullif(until, 9e999), count, reason))
    FROM ban WHERE id > ? AND id <= ? AND {_BAN} AND typeof(until) = 'real'
        AND until >= since AND typeof(count) = 'integer' AND count >= 0 AND typeof(reason) = 'text'
    """,  # noqa: S608 - a constant
    """
    INSERT OR IGNORE INTO ban (address, prefix, jail, since, until, count, reason)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
        json_extract(value, '$[3]'), ifnull(json_extract(value, '$[4]'), 9e999),
        json_extract(value, '$[5]'), json_extract(value, '$[6]')
    FROM json_each(?)
    """,
)

VALUES = Part(
    "kept",
    """
    SELECT json_group_array(json_array(plugin, name, content, nullif(until, 9e999)))
    FROM kept WHERE id > ? AND id <= ? AND typeof(plugin) = 'text' AND typeof(name) = 'text'
        AND typeof(content) = 'text' AND json_valid(content) AND typeof(until) = 'real'
    """,
    """
    INSERT OR IGNORE INTO kept (plugin, name, content, until)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
        ifnull(json_extract(value, '$[3]'), 9e999)
    FROM json_each(?)
    """,
)

POSITIONS = Part(
    "",
    """
    SELECT json_group_array(json_array(source, position)) FROM position
    WHERE ? < ? AND typeof(source) = 'text' AND typeof(position) = 'text' AND json_valid(position)
    """,
    """
    INSERT OR IGNORE INTO position (source, position)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)
    """,
)

#: Lines belong to a ban that is the same one, not only one of the same network and jail.
LINES = Part(
    "ban_lines",
    f"""
    SELECT json_group_array(json_array(address, prefix, jail, since, lines))
    FROM ban_lines JOIN ban ON ban = id WHERE ban > ? AND ban <= ? AND {_BAN}
        AND typeof(lines) = 'text' AND json_valid(lines) AND lines != '[]'
    """,  # noqa: S608 - a constant
    """
    INSERT OR REPLACE INTO ban_lines (ban, lines)
    SELECT ban.id, json_extract(value, '$[4]') FROM json_each(?) JOIN ban ON (
        address = json_extract(value, '$[0]') AND prefix = json_extract(value, '$[1]')
        AND jail = json_extract(value, '$[2]')
        AND abs(since - json_extract(value, '$[3]')) < 0.002)
    WHERE ban.id NOT IN (SELECT ban FROM ban_lines WHERE ban = ban.id AND lines != '[]')
    """,
)

#: What a program goes on with, and what only people read.
STATE = (POSITIONS, BANS, VALUES)


class Salvage:
    """A damaged database, from which one part after another is taken.

    Args:
        path: The file.

    Attributes:
        faults: How many reads have failed.

    Raises:
        sqlite3.Error: nothing of it can be read.
    """

    def __init__(self, path: Path) -> None:
        self._connection = connecting.connect_to_damaged(path)
        self.faults = 0

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def take(self, part: Part, write: Callable[[str], None]) -> None:
        """Take over a part.

        Args:
            part: Which.
            write: Takes each text that `Part.write` writes; what it raises is passed on.
        """
        end = self._find_end(part)
        waiting = [(begin, min(begin + SLICE, end)) for begin in range(0, end, SLICE)]
        waiting.reverse()
        while waiting:
            begin, last = waiting.pop()
            text = self._read(part, begin, last)
            if text is not None:
                write(text)
            elif last - begin > 1 and self.faults < MOST_FAULTS:
                middle = (begin + last) // 2
                waiting += ((middle, last), (begin, middle))

    def _read(self, part: Part, begin: int, end: int) -> str | None:
        try:
            ((text,),) = self._connection.execute(part.read, (begin, end)).fetchall()
        except sqlite3.Error:
            self.faults += 1
            return None
        return str(text)

    def _find_end(self, part: Part) -> int:
        """Return the number of the last row, or one that is no lower."""
        if not part.table:
            return 1
        for statement, rows in (
            (f"SELECT ifnull(max(rowid), 0) FROM {part.table}", 1),  # noqa: S608 - a constant
            ("PRAGMA page_count", ROWS),
        ):
            try:
                return rows * int(self._connection.execute(statement).fetchone()[0])
            except sqlite3.Error:
                self.faults += 1
        return 0
