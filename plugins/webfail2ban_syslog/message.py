"""What one syslog message says: bytes in; its host, program, pid and text out.

RFC 5424 is read as it is written. Everything else is read as the old form, of which RFC 3164 only
tells what was seen in the wild: ``<PRI>STAMP HOST PROGRAM[PID]: TEXT`` with every part optional.

Whoever fails to log in chooses a part of the text, never of the header, and two rules keep it so:

- The program is only what stands in the program's place. A host is looked for only behind a
  stamp, and what names no program in that place gets ``-`` as its program, so that no text can
  begin as if it were one.
- A message is one line. Its control characters are written as ``#`` and three octal digits a
  byte, as rsyslog does: a newline is ``#012``.

What a sender without any header lets others write first can't be told from a header. Such a sender
should be made to name its program; ``app: `` in front of the text is enough.

The stamp is read over and dropped: the sender's clock and zone are not trusted, and its date would
only be in the filters' way. The priority tells nothing that a filter asks for.
"""

import re
from typing import NamedTuple, cast

#: What stands for a part that isn't known (RFC 5424 section 6: NILVALUE).
NIL = "-"

#: What senders put behind a message: line ends, C's final NUL, blanks.
TRAILER = b"\r\n\0 "

#: What would be, or look like, more than one line: C0, DEL, C1 and Unicode's two separators.
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]++")

#: How each of them is written.
ESCAPES = {
    code: "".join(f"#{byte:03o}" for byte in chr(code).encode())
    for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
}

#: A blank, in expressions that may be spread out.
SP = "[ ]"

PRIORITY = "<[0-9]{1,3}>"

CLOCK = "[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?"

OFFSET = "[+-][0-9]{2}:?[0-9]{2}"

#: RFC 3339: always in RFC 5424, and in the old form where a sender is set to be exact.
EXACT_STAMP = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]{CLOCK}(?:Z|{OFFSET})?"

#: RFC 3164 section 4.1.2, and what devices make of it: the day padded or not, a weekday, a year in
#: one of three places, a fraction; Cisco's ``*`` or ``.`` in front says that the clock isn't set.
LOOSE_STAMP = f"""
    [*.]? (?:[A-Z][a-z]{{2}}{SP})? (?:[0-9]{{4}}{SP})?
    (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {SP}{{1,2}} [0-9]{{1,2}}
    (?:{SP}[0-9]{{4}})? {SP} {CLOCK} (?:{SP}20[0-9]{{2}}(?=[: ]))?
"""

#: What may follow a stamp. Names of other zones are Cisco's, or ``CRON:`` would be one.
ZONE = f"(?: {SP}?(?:UTC|GMT|{OFFSET})(?=[: ]) | {SP}[A-Z]{{2,5}}(?=:[ ]%) )?"

#: A host's name or address. Two colons make it IPv6: ``dead:`` would be a program.
HOST = r"[\w.@/-]{1,255} | [0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{0,40}(?:%\w{1,16})?"

#: ``PROGRAM[PID]:``, either the pid or the colon optional. Without a pid a blank must follow,
#: or ``192.0.2.1:4711`` would be a program.
TAG = rf"""
    (?P<program>[^\s\[\]:"'<>{{}}=,;]{{1,255}})
    (?: \[(?P<pid>[^\s\[\]]{{0,64}})\] (?: : | (?={SP}|$) ) | : (?={SP}|$) )
    {SP}?
"""

#: The old form. It fits any line. Docker writes a blank in front of the stamp, Cisco a sequence
#: number, and its ASA a colon between blanks behind the host.
LEGACY = re.compile(
    f"""
    (?:{PRIORITY})? {SP}{{0,2}}
    (?:
        (?:[0-9]{{0,10}}:{SP}){{0,2}}
        (?:{EXACT_STAMP} | {LOOSE_STAMP}) {ZONE} (?: :{SP} | {SP} | $) {SP}{{0,4}}
        (?: (?P<host>{HOST}) (?:{SP}:)? {SP}{{1,4}} )?
    )?
    (?:{TAG})?
    (?P<text>.*)
    """,
    re.VERBOSE,
)

#: ``[ID NAME="VALUE" ...]`` with ``\\"``, ``\\\\`` and ``\\]`` in a value (RFC 5424 section 6.3.3).
ELEMENT = rf'\[[^\s=\]"]++ (?: {SP}++[^\s=\]"]++="[^"\\]*+(?:\\.[^"\\]*+)*+" )*+ {SP}*+\]'

#: RFC 5424 section 6. What stands in the place of the structured data and is none is text.
MODERN = re.compile(
    rf"""
    {PRIORITY}1 {SP} (?:-|{EXACT_STAMP}) {SP}
    (?P<host>\S{{1,255}}) {SP} (?P<program>\S{{1,255}}) {SP} (?P<pid>\S{{1,255}}) {SP}
    \S{{1,255}} (?: {SP} (?:-|(?:{ELEMENT})++) (?={SP}|$) )?
    {SP}?\ufeff?
    (?P<text>.*)
    """,
    re.VERBOSE,
)


class Message(NamedTuple):
    """One syslog message, without its priority and stamp.

    A tuple, because one is made for every line: a frozen dataclass takes twice as long.

    Attributes:
        host: Who says to have logged it; empty if the message names no host.
        program: The program that logged it; empty if the message names none.
        pid: Its process; empty if the message names none.
        text: The rest, without control characters.
    """

    host: str
    program: str
    pid: str
    text: str

    def show(self, host: str, program: str = NIL) -> str:
        """Write it as fail2ban's filters expect it: ``host program[pid]: text``.

        Args:
            host: Stands in for a host that the message doesn't name.
            program: Stands in for a program that the message doesn't name.
        """
        pid = f"[{self.pid}]" if self.pid else ""
        return f"{self.host or host} {self.program or program}{pid}: {self.text}"


def parse(data: bytes) -> Message:
    """Read one message. Any bytes are one: what fits no form is text without a header.

    Bytes that aren't UTF-8 become U+FFFD.
    """
    line = escape(data.rstrip(TRAILER).decode(errors="replace").removeprefix("\ufeff"))
    modern = MODERN.match(line)
    if modern is None:
        legacy = cast("re.Match[str]", LEGACY.match(line))  # it fits any line
        return Message(*legacy.groups(""))
    host, program, pid, text = ("" if part == NIL else part for part in modern.groups())
    return Message(host, program, pid, text)


def escape(text: str) -> str:
    """Write control characters as ``#`` and three octal digits for each byte."""
    if text.isprintable():  # no control character is, and this is ten times as quick
        return text
    return CONTROLS.sub(_escape_run, text)


def _escape_run(match: re.Match[str]) -> str:
    return match[0].translate(ESCAPES)
