"""What ``fail2ban-client banned`` prints: a list of mappings, each from a jail to its addresses.

It is Python's way of writing ``[{'sshd': ['192.0.2.1', '192.0.2.2']}, {'dovecot': []}]``. It is
read token by token as it arrives, so a million addresses take no more room than one, and nothing
but this form is understood.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from enum import Enum, auto

#: A piece of text in either kind of quotes, or a sign; spaces before it.
TOKEN = re.compile(
    r"""\s*(?:'(?P<single>[^'\\\n]*)'|"(?P<double>[^"\\\n]*)"|(?P<sign>[\[\]{},:]))"""
)

#: Nothing in such a list is longer.
LONGEST = 1000

TEXT = "text"


class State(Enum):
    """What was read last."""

    START = auto()
    LIST = auto()
    ITEM_NEXT = auto()
    MAPPING = auto()
    JAIL_NEXT = auto()
    JAIL = auto()
    COLON = auto()
    ADDRESSES = auto()
    ADDRESS = auto()
    ADDRESS_NEXT = auto()
    JAIL_DONE = auto()
    ITEM_DONE = auto()
    END = auto()


#: From what was read last and what comes now to what was read then; all else is a mistake.
STEPS = {
    (State.START, "["): State.LIST,
    (State.LIST, "]"): State.END,
    (State.LIST, "{"): State.MAPPING,
    (State.MAPPING, "}"): State.ITEM_DONE,
    (State.MAPPING, TEXT): State.JAIL,
    (State.JAIL, ":"): State.COLON,
    (State.COLON, "["): State.ADDRESSES,
    (State.ADDRESSES, "]"): State.JAIL_DONE,
    (State.ADDRESSES, TEXT): State.ADDRESS,
    (State.ADDRESS, ","): State.ADDRESS_NEXT,
    (State.ADDRESS, "]"): State.JAIL_DONE,
    (State.ADDRESS_NEXT, TEXT): State.ADDRESS,
    (State.JAIL_DONE, ","): State.JAIL_NEXT,
    (State.JAIL_DONE, "}"): State.ITEM_DONE,
    (State.JAIL_NEXT, TEXT): State.JAIL,
    (State.ITEM_DONE, ","): State.ITEM_NEXT,
    (State.ITEM_DONE, "]"): State.END,
    (State.ITEM_NEXT, "{"): State.MAPPING,
}


def read_pairs(pieces: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Yield each jail with each of its addresses.

    Args:
        pieces: The bytes, cut anywhere.

    Raises:
        ValueError: it is no such list; what was yielded before was right.
    """
    state, jail = State.START, ""
    for kind, value in _tokens(pieces):
        following = STEPS.get((state, kind))
        if following is None:
            raise ValueError(f"must not have {value[:40]!r} here: it is no list of fail2ban's")
        state = following
        if state is State.JAIL:
            jail = value
        elif state is State.ADDRESS:
            yield jail, value
    if state is not State.END:
        raise ValueError("must not end here: it is no list of fail2ban's, or a part of one")


def _tokens(pieces: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Yield what is between spaces: a sign twice, or `TEXT` and what it says.

    Raises:
        ValueError: there is something else.
    """
    decoder = getincrementaldecoder("utf-8-sig")("replace")
    rest = ""
    for piece in pieces:
        rest += decoder.decode(piece)
        end = 0
        for found in iter(TOKEN.scanner(rest).match, None):  # type: ignore[attr-defined]
            sign = found["sign"]
            text = found["single"] if found["single"] is not None else found["double"]
            end = found.end()
            yield (sign, sign) if sign else (TEXT, text)
        rest = rest[end:].lstrip()
        if len(rest) > LONGEST:
            break
    if rest:
        raise ValueError(f"must not have {rest[:40]!r} here: it is no list of fail2ban's")
