"""What all of the API's models share."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Request(BaseModel):
    """What a client says: nothing that isn't known."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=True, strict=True
    )


class Answer(BaseModel):
    """What a client is told: a newer engine may say more."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, allow_inf_nan=True, json_schema_serialization_defaults_required=True
    )


class Parameters(Request):
    """What stands in a URL behind the question mark: all of it is text."""

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=False)
