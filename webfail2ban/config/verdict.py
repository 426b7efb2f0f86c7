"""The section ``verdict``: what becomes of the plugins' opinions."""

from typing import Annotated, Literal

from pydantic import Field

from webfail2ban.config.durations import Duration
from webfail2ban.config.settings import Settings

#: A weight. An opinion's score is no more than 100, so this is enough for one to decide alone.
Weight = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]

#: What a ban counts as: a score like any other.
Score = Annotated[int, Field(ge=0, le=100)]


class VerdictSettings(Settings):
    """How plugins' opinions become HAProxy's variables."""

    scope: Literal["proc", "sess", "txn", "req", "res"] = Field(
        default="txn",
        description="The scope of the variables in HAProxy: txn works for HTTP and for TCP.",
    )
    score_threshold: int = Field(
        default=100, ge=1, description="The sum of scores from which on a client is banned."
    )
    weights: dict[str, Weight] = Field(
        default={},
        description="What the scores of these plugins are multiplied with before they are added "
        "up, 1 for all others. With 0 they are shown, and count for nothing.",
        examples=[{"geoip": 0.5, "blocklist": 2}],
    )
    ban_scores: dict[str, Score] = Field(
        default={},
        description="Plugins whose bans are scores: each counts as so many points, times the "
        "plugin's weight, and bans nobody by itself. All bans of jails, and those that "
        "operators make, are bans of the plugin jails.",
        examples=[{"blocklist": 60}],
    )
    max_score: int = Field(
        default=100,
        ge=1,
        le=1_000_000,
        description="The highest score that HAProxy gets, and that of every ban.",
    )
    score_allowed: bool = Field(
        default=False,
        description="Whether HAProxy gets the score that the other plugins give also of a client "
        "that one allows, which passes all the same; otherwise it gets 0.",
    )
    ipv6_prefix: int = Field(
        default=64,
        ge=1,
        le=128,
        description="Bits of an IPv6 address that name one client: most own a /64.",
    )
    timeout: Duration = Field(
        default=0.01,
        gt=0,
        le=60,
        description="How long one plugin may wait before the verdict is given without it.",
    )
    remember: int = Field(
        default=65_536,
        ge=0,
        le=100_000_000,
        description="How many answers to keep for the next time they are asked; 0 keeps none.",
    )
