"""What the section ``jails`` may hold: a mapping of names, in fail2ban's own words."""

from math import inf
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    RootModel,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from webfail2ban import BanDuration, Duration, Networks, Settings
from webfail2ban_jails.formula import parse_factor, parse_formula
from webfail2ban_jails.varying import Varying

#: The jail whose settings are the others' defaults, as in fail2ban's files.
DEFAULT = "DEFAULT"


#: What a jail counts; any other word is a field of its filter.
BY_ADDRESS = "address"
BY_NETWORK = "network"


def split_multipliers(value: Any) -> Any:
    """Let people write ``1 2 4 8``, as in fail2ban's files."""
    if isinstance(value, str):
        return value.replace(",", " ").split()
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else value


#: A number, or arithmetic that makes one.
Factor = Annotated[
    float,
    BeforeValidator(parse_factor),
    WithJsonSchema({"type": ["number", "string"], "examples": [1, "2.0 / 2.885385"]}),
]


def refuse_switches(value: Any) -> Any:
    """Refuse true and false, which would be taken for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError(f"must be a whole number, not {str(value).lower()}")  # noqa: TRY004 - pydantic takes only these
    return value


#: Limits, as each of them may differ by client.
Retries = Annotated[int, Field(ge=1), BeforeValidator(refuse_switches)]
Time = Annotated[Duration, Field(gt=0)]
BanTime = Annotated[BanDuration, Field(gt=0)]

#: What fail2ban writes behind ``bantime.``, where others would write a mapping.
PARTS = frozenset(
    {"increment", "factor", "formula", "multipliers", "maxtime", "rndtime", "overalljails"}
)

#: Numbers with spaces between, or a list.
Multipliers = Annotated[
    tuple[Annotated[float, Field(gt=0)], ...],
    BeforeValidator(split_multipliers),
    WithJsonSchema(
        {
            "type": ["array", "string", "number"],
            "items": {"type": "number", "exclusiveMinimum": 0},
            "examples": ["1 2 4 8 16 32 64"],
        }
    ),
]


class NetworkSettings(Settings):
    """What is one network to a jail that counts or bans networks."""

    ipv4: int = Field(default=24, ge=8, le=32, description="Bits of an IPv4 address.")
    ipv6: int = Field(default=48, ge=16, le=128, description="Bits of an IPv6 address.")


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
    maxretry_by: Varying[Retries] = Field(
        default_factory=lambda: Varying(5),
        json_schema_extra={"default": 5},
        alias="maxretry",
        description="Failures within findtime that ban a client. This, findtime and bantime may "
        "differ by what plugins such as geoip know of it.",
        examples=[5, {"default": 5, "AS64500": 2, "country:XX": 3}],
    )
    findtime_by: Varying[Time] = Field(
        default_factory=lambda: Varying(600.0),
        json_schema_extra={"default": "10m"},
        alias="findtime",
        description="How far back failures count.",
    )
    bantime_by: Varying[BanTime] = Field(
        default_factory=lambda: Varying(600.0),
        json_schema_extra={"default": "10m"},
        alias="bantime",
        description="How long a ban lasts.",
    )
    bantime_increment: bool = Field(
        default=False,
        alias="bantime.increment",
        description="Whether a client that was banned before is banned for longer.",
    )
    bantime_factor: Factor = Field(
        default=1.0,
        alias="bantime.factor",
        description="What formula calls banFactor, and multipliers are multiplied with.",
    )
    bantime_formula: str | None = Field(
        default=None,
        alias="bantime.formula",
        description="How long a ban lasts, in seconds, from the second on: arithmetic with "
        "ban.Time (bantime), ban.Count (bans before) and banFactor. Doubles each time by default.",
        examples=[
            "ban.Time * (1<<(ban.Count if ban.Count<20 else 20)) * banFactor",
            "ban.Time * math.exp(float(ban.Count+1)*banFactor)/math.exp(1*banFactor)",
        ],
    )
    bantime_multipliers: Multipliers = Field(
        default=(),
        alias="bantime.multipliers",
        description="Instead of a formula, what bantime is multiplied with: for the first ban, "
        "the second, ...; the last one holds for all that follow.",
    )
    bantime_maxtime: BanDuration = Field(
        default=inf, alias="bantime.maxtime", gt=0, description="The longest ban of all."
    )
    bantime_rndtime: Duration = Field(
        default=0.0,
        alias="bantime.rndtime",
        description="Up to how much is added to bans from the second on, by chance: nobody can "
        "tell when they end.",
    )
    bantime_overalljails: bool = Field(
        default=False,
        alias="bantime.overalljails",
        description="Whether bans of all jails count as bans before.",
    )
    score: int = Field(
        default=0,
        ge=0,
        le=100,
        description="What a client's score gets from its failures before they ban: of maxretry "
        "failures all of this, of fewer a part. It needs count_by: address.",
    )
    count_by: str = Field(
        default=BY_ADDRESS,
        min_length=1,
        description="What is counted: the failures of each address (IPv6: verdict.ipv6_prefix), "
        "of each network, or of each value of a field of the filter, such as user.",
        examples=["address", "network", "user"],
    )
    ban: Literal["address", "network"] | None = Field(
        default=None,
        description="What is banned: each address that took part, or its network. By default the "
        "network where networks are counted, else the address.",
    )
    network: NetworkSettings = Field(default=NetworkSettings(), description=NetworkSettings.__doc__)
    bans_of: tuple[str, ...] = Field(
        default=(),
        description="Count bans of these jails, given as patterns, instead of log lines: a jail "
        "for those who were banned again and again. It needs no filter.",
        examples=[["*"], ["dovecot", "postfix*"]],
    )
    found_by: str | None = Field(
        default=None,
        min_length=1,
        description="The plugin that finds this jail's failures and successes, instead of a "
        "filter: its own settings name the jail.",
        examples=["observe"],
    )
    successregex: tuple[str, ...] = Field(
        default=(),
        description="Expressions that find a success, such as a login, after which a client's "
        "failures count no longer; see reset_on_success.",
    )
    reset_on_success: Literal["user", "address"] = Field(
        default="user",
        description="Which failures of a client a success takes back. user: all, if they were "
        "tries of no other user name than the one that got in. address: all, whoever they were "
        "for; a client with a valid account of its own can then try others' for ever.",
    )
    max_clients: int = Field(
        default=200_000,
        ge=1,
        le=100_000_000,
        description="How many clients (networks, users) to count at most; who failed longest ago "
        "is forgotten first. One takes some 100 bytes, and room for its lines.",
    )
    max_lines: int = Field(
        default=20_000,
        ge=0,
        le=100_000_000,
        description="How many lines of clients that are counted to keep at most, to be shown with "
        "a ban; the oldest are forgotten first, the count is not.",
    )
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

    @field_validator("bantime_by", mode="before")
    @classmethod
    def _refuse_parts(cls, value: Any) -> Any:
        first = next((key for key in value if key in PARTS), "") if isinstance(value, dict) else ""
        if first:
            raise ValueError(
                f"must be a duration; what else there is stands beside it, as bantime.{first}"
            )
        return value

    @field_validator("bantime_formula")
    @classmethod
    def _compile_formula(cls, text: str | None) -> str | None:
        if text is not None:
            parse_formula(text)
        return text

    def sparing(self, networks: Networks) -> "JailSettings":
        """Return the same settings with more networks whose failures don't count."""
        return self.model_copy(update={"ignoreip": (*self.ignoreip, *networks)})

    @property
    def maxretry(self) -> int:
        """How many failures ban whom nothing else is said of."""
        return self.maxretry_by.default

    @property
    def findtime(self) -> float:
        """How far back the failures of such a client count."""
        return self.findtime_by.default

    @property
    def longest_findtime(self) -> float:
        """How far back anybody's failures count."""
        return max(self.findtime_by.values())

    @property
    def bantime(self) -> float:
        """How long a ban of such a client lasts."""
        return self.bantime_by.default

    @property
    def reads_lines(self) -> bool:
        """Whether failures are found in log lines, by a filter of its own."""
        return not (self.bans_of or self.found_by)

    @property
    def bans_networks(self) -> bool:
        """Whether networks are banned rather than addresses."""
        return (self.ban or self.count_by) == BY_NETWORK


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

    @property
    def filtered(self) -> dict[str, JailSettings]:
        """Those of them that look at log lines."""
        return {name: jail for name, jail in self.enabled.items() if jail.reads_lines}
