"""What `lint_filter` finds, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from webfail2ban.filters.attack import Attack
from webfail2ban.filters.definition import UseDns
from webfail2ban.filters.forgery import Forgery, Place
from webfail2ban.filters.regex import translate_tags

#: Sources longer than this are cut.
SHOWN = 100

#: Tags to show instead of what they stand for, the longest first.
_TAGS = ("<SUBNET>", "<HOST>", "<ADDR>", "<IP4>", "<IP6>", "<DNS>")

#: What the search is called where it is to blame.
_SEARCH = "the search (there is no ^, so every place is tried)"

_POWERS = {3: "the cube", 4: "the fourth power", 5: "the fifth power"}


class FindingKind(Enum):
    """What is wrong.

    Attributes:
        BACKTRACKS_EXPONENTIALLY: A line of some ten words can keep `re` busy for hours.
        BACKTRACKS_POLYNOMIALLY: A line of some thousand characters can keep it busy for minutes.
        UNANCHORED: Whoever chooses a part of some line can write what the expression looks for.
        AMBIGUOUS_ADDRESS: A line may have two addresses that fit, and the client writes one.
        HOST_NAMES: A host name counts, and the client chooses his.
    """

    BACKTRACKS_EXPONENTIALLY = "backtracks exponentially"
    BACKTRACKS_POLYNOMIALLY = "backtracks polynomially"
    UNANCHORED = "unanchored"
    AMBIGUOUS_ADDRESS = "ambiguous address"
    HOST_NAMES = "host names"

    @property
    def backtracks(self) -> bool:
        """Whether it is about time, rather than about who is banned."""
        return self in {self.BACKTRACKS_EXPONENTIALLY, self.BACKTRACKS_POLYNOMIALLY}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with an expression.

    Attributes:
        option: The option that it stands in: ``failregex``, ``ignoreregex``, ``prefregex``,
            ``datepattern``.
        index: Which of the option's expressions it is, from 0.
        kind: What is wrong.
        message: The same in one sentence, which names the part that is to blame.
        example: A line, its date cut out, that shows it.
    """

    option: str
    index: int
    kind: FindingKind
    message: str
    example: str

    def __str__(self) -> str:
        """Name the place and say what is wrong."""
        return f"{self.option} {self.index + 1}: {self.message}"


def show_source(source: str) -> str:
    """Show a part of a compiled expression as it was written, if it isn't too long."""
    for tag in _TAGS:
        source = source.replace(translate_tags(tag, names=True), tag)
    return source if len(source) <= SHOWN else source[:SHOWN] + "..."


def describe_attack(attack: Attack) -> str:
    """Say what an expression does for too long."""
    if attack.degree is None:
        return (
            f"{show_source(attack.blamed[0])} can match the same text in many ways: each further"
            f" {attack.pumps[0][0]!r} doubles the time that a line takes which then doesn't match"
        )
    power = _POWERS.get(attack.degree, f"the {attack.degree}th power")
    parts = _enumerate([show_source(part) if part else _SEARCH for part in attack.blamed])
    return (
        f"{parts} can divide the same text among them: the time that a line takes grows with"
        f" {power} of its length"
    )


def _enumerate(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def describe_forgery(forgery: Forgery, *, anchored: bool) -> str:
    """Say what a client can do to have somebody else banned."""
    free = show_source(forgery.blamed)
    match forgery.place:
        case Place.ANYWHERE:
            return (
                f"{describe_begin(anchored=anchored)}: whoever chooses a part of a line (a user"
                " name, a user agent) can write the rest of it, with an address of his choice"
            )
        case Place.END:
            return (
                f"{describe_begin(anchored=anchored)}: whoever chooses how a line ends can write"
                " all that is looked for, with an address of his choice"
            )
        case Place.FRONT:
            return (
                f"{free} may end where the client likes: whoever chooses that text can write what"
                " follows it, with an address of his choice in front of his own"
            )
        case Place.BEHIND:
            return (
                f"{free} takes anything, the address too, and so does what follows it: whoever"
                " chooses a text behind the address can write another one, which is taken instead"
            )


def describe_begin(*, anchored: bool) -> str:
    """Say why an expression is found anywhere."""
    if anchored:
        return "begins with ^ but then takes anything"
    return "does not begin with ^"


def describe_hiding(*, anchored: bool) -> str:
    """Say what a client can do to have his own failure forgotten."""
    return (
        f"{describe_begin(anchored=anchored)}: whoever chooses a part of a line (a user name, a"
        " user agent) can write this into it, and his failure counts for nothing"
    )


def describe_names(usedns: UseDns) -> str:
    """Say why host names are the attacker's choice."""
    taken = "stands for who failed" if usedns is UseDns.RAW else "is turned into addresses"
    return (
        f"a host name {taken} (usedns = {usedns.value}), and host names are the attacker's choice:"
        " his reverse DNS is his own, so he chooses who is banned; <ADDR> takes addresses only"
    )
