"""A verdict, and everything behind it."""

from typing import Literal

from pydantic import Field

from webfail2ban.api.fields import AddressField, EndField, NetworkField, Text
from webfail2ban.api.models.bans import BanInfo
from webfail2ban.api.models.base import Answer


class OpinionInfo(Answer):
    """What one plugin says of a client."""

    plugin: str = Field(description="The plugin's name.")
    stance: Literal["allow", "ban", "score", "none"] = Field(description="What kind of opinion.")
    score: int = Field(description="For a score: 0 to 100, how bad; also for a ban that is one.")
    weight: float | None = Field(
        default=None, description="What a score is multiplied with; null for all else."
    )
    points: float | None = Field(
        default=None, description="What it adds to the sum; null for what is no score."
    )
    reason: Text = Field(description="Why, for people.")
    jail: Text = Field(description="The jail or list that the client is in.")
    until: EndField = Field(description="When the opinion ends by itself; null if never.")


class VerdictInfo(Answer):
    """What HAProxy would be told."""

    banned: bool = Field(description="Whether HAProxy should refuse the client.")
    score: int = Field(description="How bad: 0 up to `verdict.max_score`.")
    reason: Text = Field(description="Why, for people.")
    jail: Text = Field(description="The jail of the ban that decided.")
    until: EndField = Field(description="When it ends; null if never. 0 if it is no ban.")
    variables: dict[str, Text | int] = Field(
        default={}, description="The plugins' own variables, such as `country`."
    )


class PastBan(Answer):
    """The last ban of a network by a jail that has none in force now."""

    network: NetworkField = Field(description="Who was banned.")
    jail: Text = Field(description="The jail that banned it.")
    since: float = Field(description="When the ban began.")
    until: EndField = Field(description="When it ended.")
    reason: Text = Field(description="Why, for people.")
    count: int = Field(description="How many bans of this network by this jail there were before.")


class CountInfo(Answer):
    """What a jail has counted of a client so far."""

    jail: Text = Field(description="The jail.")
    counted: Text = Field(description="What it counts: the address, its network, a user's name.")
    failures: float = Field(description="How many failures count at this moment.")
    limit: float = Field(description="From how many on it bans.")
    last: float = Field(description="When the last failure was.")


class CheckReport(Answer):
    """The verdict on an address, and everything behind it."""

    address: AddressField = Field(description="The address, folded.")
    network: NetworkField = Field(description="What counts as one client with it.")
    verdict: VerdictInfo = Field(description="What HAProxy would be told.")
    opinions: tuple[OpinionInfo, ...] = Field(
        description="Every plugin that gives opinions, in the order of the chain."
    )
    sum: int = Field(default=0, description="What the scores add up to, with their weights.")
    threshold: int = Field(default=100, description="From which sum on they ban.")
    bans: tuple[BanInfo, ...] = Field(description="The bans in force that hold the address.")
    past: tuple[PastBan, ...] = Field(description="The bans of it that are over, the last first.")
    counts: tuple[CountInfo, ...] = Field(description="What the jails have counted of it.")
