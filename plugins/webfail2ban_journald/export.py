r"""What ``journalctl --output=export`` writes: bytes in, entries out.

An entry is a field a line, ``NAME=text``, and an empty line behind it. A value that isn't printable
text, or holds a newline, is written as ``NAME``, a newline, its length in eight bytes, little
endian, the value and a newline (systemd's "Journal Export Formats"). So nothing that somebody has
logged can look like another field or entry.
"""

#: Bytes that tell how long a value is.
LENGTH = 8

#: Bytes of the longest name of a field (systemd.journal-fields(7)).
MAX_NAME = 64

#: The most bytes of one character, in UTF-8.
WIDEST = 4

#: The field that is often long, and may be there several times.
MESSAGE = "MESSAGE"

#: An entry: names and values. Of a field that is there several times it is the first value, but of
#: messages it is all of them with a blank between, as fail2ban has it.
Entry = dict[str, str]


class ExportError(ValueError):
    """The bytes are no journal export."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.data = data

    def __str__(self) -> str:
        """Show where it went wrong."""
        return f"no journal export: {self.data[:80]!r}"


class ExportReader:
    """Takes an export in pieces.

    Args:
        limit: Characters of a value that are kept and then some, so that what was longer is seen
            to be. The rest of it isn't held in memory.
    """

    def __init__(self, limit: int) -> None:
        self._limit = WIDEST * (limit + 1)
        self._pending = b""
        self._fields: list[tuple[str, str]] = []  # of an entry that has begun
        self._name = b""  # of a value that is being skipped
        self._skip = 0  # bytes of it that are to come, its newline among them
        self._to_newline = False  # whether it ends with the line instead

    def receive(self, data: bytes) -> list[Entry]:
        """Return the entries that end in the next piece.

        Raises:
            ExportError: it is none; nothing more can be read.
        """
        data = self._pending + data if self._pending else data
        entries: list[Entry] = []
        place = 0
        while place < len(data):
            end = (
                -1 if self._fields or self._to_newline or self._skip else data.find(b"\n\n", place)
            )
            if end >= 0 and (entry := _read_plain(data[place:end])) is not None:
                entries.append(entry)
                place = end + 2
                continue
            behind = self._read_field(data, place, entries)
            if behind is None:
                break
            place = behind
        self._pending = data[place:]
        return entries

    def _read_field(self, data: bytes, place: int, entries: list[Entry]) -> int | None:
        """Read a field, or a part of a long one, or an entry's end.

        Returns:
            The place behind it; None if it isn't all there.
        """
        if self._skip:
            skipped = min(self._skip, len(data) - place)
            self._skip -= skipped
            return place + skipped
        end = data.find(b"\n", place)
        if self._to_newline:
            self._to_newline = end < 0
            return end + 1 if end >= 0 else len(data)
        if end < 0:
            return self._begin_long_line(data, place)
        name, equals, value = data[place:end].partition(b"=")
        if equals:
            self._add(name, value[: self._limit])
            return end + 1
        if name:
            return self._read_binary(data, name, end + 1)
        if self._fields:
            entries.append(_gather(self._fields))
            self._fields = []
        return end + 1

    def _begin_long_line(self, data: bytes, place: int) -> int | None:
        name, equals, value = data[place : place + MAX_NAME + 1 + self._limit].partition(b"=")
        if len(name) > MAX_NAME:
            raise ExportError(name)
        if not equals or len(value) < self._limit:
            return None
        self._add(name, value)
        self._to_newline = True
        return len(data)

    def _read_binary(self, data: bytes, name: bytes, place: int) -> int | None:
        begin = place + LENGTH
        if len(name) > MAX_NAME:
            raise ExportError(name)
        if len(data) < begin:
            return None
        length = int.from_bytes(data[place:begin], "little")
        end = begin + length
        if end < len(data):
            if data[end : end + 1] != b"\n":
                raise ExportError(data[end : end + 1])
            self._add(name, data[begin : begin + min(length, self._limit)])
            return end + 1
        if len(data) - begin < min(length + 1, self._limit):
            return None
        self._add(name, data[begin : begin + min(length, self._limit)])
        self._skip = end + 1 - len(data)
        return len(data)

    def _add(self, name: bytes, value: bytes) -> None:
        self._fields.append((name.decode(errors="replace"), value.decode(errors="replace")))


def _read_plain(data: bytes) -> Entry | None:
    """Return an entry whose fields are all lines of their own; None if it is no such entry.

    Most are, and this takes a third of the time. A value that is written with its length has a
    line before it that is its name alone, so that what it holds is never taken for fields.
    """
    lines = data.decode(errors="replace").split("\n")
    try:
        entry: Entry = dict([line.split("=", 1) for line in lines])
    except ValueError:
        return None
    return entry if len(entry) == len(lines) else None


def _gather(fields: list[tuple[str, str]]) -> Entry:
    entry: Entry = {}
    for name, value in fields:
        if name not in entry:
            entry[name] = value
        elif name == MESSAGE:
            entry[name] = f"{entry[name]} {value}"
    return entry
