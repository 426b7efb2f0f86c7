"""What the section ``observe`` may hold: rules by the names of jails."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, RootModel, WithJsonSchema

from webfail2ban import Settings
from webfail2ban_observe.patterns import read_pattern

#: The name of the message unless it is configured.
MESSAGE = "observe"


def as_several(value: Any) -> Any:
    """Let people write one of several without brackets."""
    return value if isinstance(value, list | tuple) else [value]


def check_pattern(pattern: int | str) -> int | str:
    """Refuse what is no pattern.

    Raises:
        ValueError: it is none.
    """
    read_pattern(pattern)
    return pattern


#: One of these must fit.
Patterns = Annotated[
    tuple[Annotated[bool | int | str, AfterValidator(check_pattern)], ...],
    Field(min_length=1),
    BeforeValidator(as_several),
    WithJsonSchema(
        {
            "type": ["array", "string", "integer", "boolean"],
            "items": {"type": ["string", "integer", "boolean"]},
            "examples": [[401, 403], "4xx", "400-499", "/wp-*", r"~/(admin|login)\b"],
        }
    ),
]

Conditions = Annotated[dict[str, Patterns], Field(min_length=1)]


class SuccessSettings(Settings):
    """What counts as a success."""

    when: Conditions = Field(
        description="The message's arguments by name, and what each must look like; all must hold."
    )


class FailureSettings(SuccessSettings):
    """What counts as a failure."""

    weight: int = Field(
        default=1, ge=1, le=1000, description="How many ordinary failures it counts for."
    )


class ObservedSettings(Settings):
    """What one jail counts of what HAProxy saw."""

    message: str = Field(
        default=MESSAGE, min_length=1, description="The name of the spoe-message that tells it."
    )
    failures: tuple[FailureSettings, ...] = Field(
        min_length=1, description="What is a failure, from the first to the last: the first counts."
    )
    successes: tuple[SuccessSettings, ...] = Field(
        default=(),
        description="What is a success instead, which takes failures back as the jail's "
        "reset_on_success says.",
    )


class ObserveSettings(RootModel[dict[str, ObservedSettings]], frozen=True):
    """Rules by the names of jails that say ``found_by: observe``."""
