"""Bans: listing, making and lifting them."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.json_schema import SkipJsonSchema

from webfail2ban.api.fields import (
    DurationField,
    EndField,
    JailName,
    NetworkField,
    Reason,
    Text,
    TimeField,
    refuse_null,
)
from webfail2ban.api.models.base import Answer, Parameters, Request

#: The jail of bans that an operator made.
MANUAL = "manual"

#: Bans, or networks, in one request; more are imported.
MAX_ITEMS = 1000

#: Nobody was banned more often; 32 bits hold it.
MAX_COUNT = 2**31 - 1

#: Bans on a page, and how many if nobody says.
MAX_PAGE = 1000
PAGE = 100


#: Where a page ends: digits, fewer than any table needs.
Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")]


class BanInfo(Answer):
    """A ban. One of these a line is the export in JSON lines."""

    network: NetworkField = Field(description="Who is banned: an address or a network.")
    jail: Text = Field(description="The jail that banned it; an operator's is called manual.")
    since: TimeField = Field(description="When the ban began.")
    until: EndField = Field(description="When it ends; null for a permanent one.")
    reason: Text = Field(default="", description="Why, for people.")
    count: int = Field(
        default=0,
        ge=0,
        le=MAX_COUNT,
        description="How many bans of this network there were before.",
    )
    lines: tuple[Text, ...] = Field(default=(), description="The log lines that led to it.")


class BanPage(Answer):
    """Some of the bans in force, in the order in which they are recorded."""

    bans: tuple[BanInfo, ...] = Field(description="The bans of this page.")
    next: str | None = Field(description="The cursor of the next page; null on the last one.")
    total: int = Field(description="How many bans are in force, whatever was asked for.")


class BanList(Answer):
    """Bans."""

    bans: tuple[BanInfo, ...] = Field(description="The bans.")


class BanQuery(Parameters):
    """Which bans to list; every condition must hold."""

    jail: JailName | SkipJsonSchema[None] = Field(default=None, description="Of this jail only.")
    covering: NetworkField | SkipJsonSchema[None] = Field(
        default=None, description="That hold all of this address or network."
    )
    inside: NetworkField | SkipJsonSchema[None] = Field(
        default=None, description="Of this network and of those inside it."
    )
    q: str | SkipJsonSchema[None] = Field(
        default=None, max_length=200, description="With this text in the reason, in any case."
    )
    cursor: Cursor | SkipJsonSchema[None] = Field(
        default=None, description="Where to go on: a page's next."
    )
    limit: int = Field(default=PAGE, ge=1, le=MAX_PAGE, description="How many at most.")


class JailQuery(Parameters):
    """Which jail is meant."""

    jail: JailName | SkipJsonSchema[None] = Field(
        default=None, description="This jail only; all if left out."
    )


class NewBan(Request):
    """A ban to make."""

    network: NetworkField = Field(description="Whom to ban: an address or a network.")
    duration: DurationField = Field(
        description="How long: seconds, a duration such as 1h30m, or permanent."
    )
    reason: Reason = Field(default="", description="Why, for people.")
    jail: JailName = Field(default=MANUAL, description="In which jail.")


class BanRequest(Request):
    """Bans to make."""

    bans: tuple[NewBan, ...] = Field(
        strict=False, min_length=1, max_length=MAX_ITEMS, description="Made in this order."
    )


class BanResult(Answer):
    """What became of a ban that was asked for."""

    ban: BanInfo = Field(description="The ban that is in force for this network and jail now.")
    changed: bool = Field(
        description="False if a ban of the network and jail was there that lasts as long or longer."
    )


class BanResults(Answer):
    """What became of the bans that were asked for, in their order."""

    results: tuple[BanResult, ...] = Field(description="One for each.")
    changed: int = Field(description="How many of them changed something.")


class RemoveRequest(Request):
    """Bans to lift: of these networks, of a jail, or of these networks in a jail."""

    model_config: ClassVar[ConfigDict] = ConfigDict(json_schema_extra={"minProperties": 1})

    networks: tuple[NetworkField, ...] = Field(
        default=(),
        strict=False,
        min_length=1,
        max_length=MAX_ITEMS,
        description="Of exactly these addresses and networks; of all if left out.",
    )
    jail: Annotated[JailName | SkipJsonSchema[None], BeforeValidator(refuse_null)] = Field(
        default=None, description="Of this jail only."
    )

    @model_validator(mode="after")
    def _name_something(self) -> Self:
        if not self.networks and self.jail is None:
            raise ValueError("must name networks, a jail, or both; to lift all bans, purge")
        return self


class Removed(Answer):
    """Bans that were lifted."""

    removed: int = Field(description="How many bans were lifted.")
    missing: tuple[NetworkField, ...] = Field(
        default=(), description="The networks that were named and had no ban."
    )


class PurgeRequest(Request):
    """Every ban in force, of all jails, with what is remembered of its network in its jail."""

    everything: Literal[True] = Field(description="Says that all bans are meant.")


class Purged(Answer):
    """What was lifted."""

    removed: int = Field(description="How many bans in force were lifted.")
