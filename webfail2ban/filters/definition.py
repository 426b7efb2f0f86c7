"""What comes out of reading a filter: its regular expressions and settings as text."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class UseDns(Enum):
    """What to do with a host name in the place of an address.

    Whoever owns an address owns its reverse DNS too, so a name in a log may be the attacker's
    choice: resolving it lets him pick whom we ban.
    """

    YES = "yes"
    WARN = "warn"
    NO = "no"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class FilterDefinition:
    """A filter as text, ready to be compiled by `webfail2ban.filters.Filter`.

    Read one with `webfail2ban.filters.read_filter`, or make one for expressions of your own:
    ``FilterDefinition("mine", failregex=("^login failed from <ADDR>$",))``.

    Attributes:
        name: For messages.
        failregex: What finds a failure; the first that matches decides.
        ignoreregex: What takes a failure back.
        prefregex: What every line has to match first, None for no such condition.
        datepattern: Where the date stands; empty for the default list.
        maxlines: How many lines one match may span.
        usedns: What the filter wants done with host names, None if it doesn't say.
        journalmatch: The journal's entries to read: words as ``journalctl`` takes them.
        file: The file of that name; the place of errors.
        paths: All files it was read from, first to last, what they include among them.
    """

    name: str
    failregex: tuple[str, ...] = ()
    ignoreregex: tuple[str, ...] = ()
    prefregex: str | None = None
    datepattern: tuple[str, ...] = ()
    maxlines: int = 1
    usedns: UseDns | None = None
    journalmatch: tuple[str, ...] = ()
    file: Path | None = None
    paths: tuple[Path, ...] = ()
