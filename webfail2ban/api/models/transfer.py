"""Many bans at once: export and import."""

from math import inf
from typing import Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from webfail2ban.api.fields import PERMANENT, JailName, Reason, Text, WrittenDurationField
from webfail2ban.api.models.bans import MANUAL
from webfail2ban.api.models.base import Answer, Parameters

Format = Literal["jsonl", "fail2ban", "plain"]

FORMATS = (
    "jsonl: a JSON object a line. fail2ban: as `fail2ban-client banned` prints it. "
    "plain: an address or network a line, # begins a comment."
)


class ExportQuery(Parameters):
    """How to write the bans."""

    format: Format = Field(default="jsonl", description=FORMATS)
    jail: JailName | SkipJsonSchema[None] = Field(default=None, description="Of this jail only.")


class ImportQuery(Parameters):
    """How to read the bans; what a format doesn't say is said here."""

    format: Format = Field(default="jsonl", description=FORMATS)
    jail: JailName = Field(default=MANUAL, description="For plain lists: in which jail.")
    duration: WrittenDurationField = Field(
        default=inf,
        description="For formats without times: how long from now.",
        json_schema_extra={"default": PERMANENT},  # JSON has no infinity
    )
    reason: Reason = Field(default="imported", description="For formats without reasons: why.")


class ImportFault(Answer):
    """A line that is no ban."""

    line: int = Field(description="Its number, from 1.")
    message: Text = Field(description="What is wrong with it.")


class ImportReport(Answer):
    """What became of an import."""

    imported: int = Field(description="How many bans are in force because of it.")
    skipped: int = Field(
        description="How many changed nothing: over already, or there is one that lasts as long."
    )
    failed: int = Field(description="How many lines, or items, could not be read.")
    errors: tuple[ImportFault, ...] = Field(description="The first of those.")
