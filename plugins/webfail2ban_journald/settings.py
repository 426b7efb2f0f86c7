"""The section ``journald`` of the configuration."""

import re
from math import inf
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from webfail2ban import Duration, LocalPath, Settings
from webfail2ban_journald.matches import parse_match

#: A namespace as journalctl takes it: a name, ``*`` for all, ``+`` and a name for the default one
#: besides (journalctl(1), systemd's ``log_namespace_name_valid``).
NAMESPACE = re.compile(r"\*|\+?[A-Za-z0-9_][\w.@:-]*|", re.ASCII)

#: Words for how far back to begin, and what they mean in seconds.
AGES = {"end": 0.0, "beginning": inf}


def check_match(text: str) -> str:
    """Check a match.

    Raises:
        ValueError: it is none.
    """
    parse_match(text)
    return text


def check_namespace(name: str) -> str:
    """Check a namespace's name.

    Raises:
        ValueError: it can't be one.
    """
    if not NAMESPACE.fullmatch(name):
        raise ValueError(f"must be a name, * for all, or + and a name, not {name!r}")
    return name


class JournaldSettings(Settings):
    """Which entries of the journal are read, and from where."""

    matches: tuple[Annotated[str, AfterValidator(check_match)], ...] = Field(
        default=(),
        description="Which entries to read, as fail2ban's `journalmatch` and journalctl have it: "
        "FIELD=value words; the same field again means either, another field means both, a + means "
        "what is on either side of it. An entry that one of these means is read once. Without "
        "matches and filters everything is.",
        examples=[["_SYSTEMD_UNIT=ssh.service + _COMM=sshd", "SYSLOG_IDENTIFIER=webmail"]],
    )
    filters: tuple[str, ...] = Field(
        default=(),
        description="Filters whose own `journalmatch` says which entries to read, besides those "
        "that `matches` means. They are found as those of jails are.",
        examples=[["sshd", "dovecot"]],
    )
    directory: LocalPath | None = Field(
        default=None,
        description="A directory with journal files, instead of this machine's own journal: a "
        "container's, or those of other machines in /var/log/journal/remote.",
    )
    namespace: Annotated[str, AfterValidator(check_namespace)] = Field(
        default="",
        description="A journal namespace (LogNamespace= of a unit): its name, * for all, + and its "
        "name for the default one besides.",
    )
    start: Literal["end", "beginning"] | Duration = Field(
        default=600.0,
        description="How far back to begin at the very first start: a duration, `end` or "
        "`beginning`. As long as the longest `findtime` of the jails means that all failures that "
        "count are found. Later starts go on where reading stood.",
    )
    max_line: int = Field(
        default=8192,
        ge=256,
        le=65_535,
        description="The longest message, in characters; the rest of a longer one is dropped.",
    )

    @property
    def age(self) -> float:
        """How far back to begin, in seconds; infinity for the beginning."""
        return AGES[self.start] if isinstance(self.start, str) else self.start
