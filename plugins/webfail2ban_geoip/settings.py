"""What the section ``geoip`` may hold."""

from typing import Annotated, Literal

from pydantic import Field

from webfail2ban import Duration, LocalPath, Settings
from webfail2ban_geoip.words import Word

#: A day, in seconds.
DAY = 86_400.0

#: What a rule says: a word, or a score.
Saying = Literal["allow", "ban", "pass"] | Annotated[int, Field(ge=1, le=100)]


class RuleSettings(Settings):
    """What to say of clients by where they are at home."""

    of: tuple[Word, ...] = Field(
        default=(),
        description="Clients that one of these words fits; none: all that a database knows.",
        examples=[["country:DE", "continent:EU", "AS64500"]],
    )
    but: tuple[Word, ...] = Field(
        default=(), description="No client that one of these words fits.", examples=[["AS64501"]]
    )
    then: Saying = Field(
        description="allow: it passes, whatever the other plugins say. ban. pass: nothing is said "
        "of it. These three are the end; a score of 1 to 100 is added to those of the rules below."
    )
    reason: str | None = Field(
        default=None, min_length=1, max_length=200, description="Why, for HAProxy's log."
    )


class GeoIPSettings(Settings):
    """Where clients are at home, and what follows."""

    databases: tuple[LocalPath, ...] = Field(
        min_length=1,
        description="Files in the MMDB format. What the first doesn't know of an address, the "
        "next one may. A file that is replaced is used within ten seconds.",
        examples=[["/var/lib/GeoIP/GeoLite2-Country.mmdb", "/var/lib/GeoIP/GeoLite2-ASN.mmdb"]],
    )
    rules: tuple[RuleSettings, ...] = Field(
        default=(), description="From the first to the last, until one says the end."
    )
    unknown: Saying = Field(
        default="pass",
        description="What to say of public addresses that no database knows; no rule fits them. Of "
        "private ones nothing is said.",
    )
    max_age: Duration = Field(
        default=60 * DAY, gt=0, description="How old a database may be before a warning."
    )
