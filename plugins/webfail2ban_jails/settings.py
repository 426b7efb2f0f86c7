"""What the section ``jails`` may hold: a mapping of names, in fail2ban's own words."""

from typing import Literal

from pydantic import Field, RootModel, model_validator

from webfail2ban import BanDuration, Duration, Networks, Settings

#: The jail whose settings are the others' defaults, as in fail2ban's files.
DEFAULT = "DEFAULT"


class PatternSettings(Settings):
    """A failregex with a weight of its own."""

    regex: str = Field(description="A regular expression with <HOST> or <ADDR> in it.")
    severity: int = Field(
        default=1, ge=1, le=1000, description="How many ordinary failures a match counts for."
    )


class JailSettings(Settings):
    """A filter with its limits."""

    enabled: bool = Field(default=True, description="Whether this jail is in use.")
    filter: str | None = Field(
        default=None,
        description="The filter's name, with options if need be, or its path.",
        examples=["dovecot", "sshd[mode=aggressive]", "/etc/webfail2ban/filter.d/mine.conf"],
    )
    failregex: tuple[PatternSettings | str, ...] = Field(
        default=(), description="Expressions that find a failure, instead of a filter."
    )
    ignoreregex: tuple[str, ...] = Field(
        default=(), description="Expressions that take a failure back; they need a failregex."
    )
    datepattern: tuple[str, ...] = Field(
        default=(), description="Where the date stands; it needs a failregex."
    )
    severity: int = Field(
        default=1, ge=1, le=1000, description="How many ordinary failures each failure counts for."
    )
    maxretry: int = Field(
        default=5, ge=1, description="Failures within findtime that ban a client."
    )
    findtime: Duration = Field(default=600.0, gt=0, description="How far back failures count.")
    bantime: BanDuration = Field(default=600.0, gt=0, description="How long a ban lasts.")
    ignoreip: Networks = Field(
        default=(), description="Addresses and networks whose failures don't count."
    )
    ignoreself: bool = Field(
        default=True, description="Whether failures of this machine's own addresses don't count."
    )
    sources: tuple[str, ...] = Field(
        default=("*",),
        description="The log sources to look at, as patterns: syslog, tail:/var/log/mail.*",
    )
    programs: tuple[str, ...] = Field(
        default=(),
        description="The programs to look at, as patterns, where the source tells them; "
        "none: all of them.",
        examples=[["dovecot", "postfix/*"]],
    )
    usedns: Literal["yes", "warn", "no", "raw"] | None = Field(
        default=None,
        description="What to do with host names. No by default: an attacker owns his reverse "
        "DNS, so he could choose whom we ban.",
    )
    counting: Literal["rate", "window"] = Field(
        default="rate",
        description="How failures within findtime are counted: rate as fail2ban does, by an "
        "estimate that costs one number for each client; window exactly.",
    )
    lint: bool = Field(
        default=True,
        description="Whether to warn of expressions that a hostile line can keep busy, or that a "
        "client can have taken for somebody else's address.",
    )
    maxmatches: int | None = Field(
        default=None, ge=0, description="Lines kept with a ban; as many as maxretry by default."
    )


class JailsSettings(RootModel[dict[str, JailSettings]]):
    """Jails by name. The settings of one called DEFAULT are the others' defaults."""

    @model_validator(mode="after")
    def _fill_in_defaults(self) -> "JailsSettings":
        default = self.root.get(DEFAULT)
        if default is None:
            return self
        for name, jail in self.root.items():
            missing = default.model_fields_set - jail.model_fields_set
            self.root[name] = jail.model_copy(
                update={field: getattr(default, field) for field in missing}
            )
        return self

    @property
    def enabled(self) -> dict[str, JailSettings]:
        """The jails in use, by name."""
        return {name: jail for name, jail in self.root.items() if name != DEFAULT and jail.enabled}
