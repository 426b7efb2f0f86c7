"""Why a request was refused."""

from typing import Annotated, Literal

from pydantic import Field

from webfail2ban.api.fields import Text
from webfail2ban.api.models.base import Answer


class Fault(Answer):
    """One thing wrong with a request."""

    where: Text = Field(description="The field, parameter, or file and line; may be empty.")
    message: Text = Field(description="What is wrong with it.")


class ProblemDetails(Answer):
    """Why a request was refused (RFC 9457); its type is application/problem+json."""

    type: Literal["about:blank"] = Field(
        default="about:blank", description="The status says what kind of problem it is."
    )
    title: str = Field(description="The status in words.")
    status: Annotated[int, Field(ge=400, le=599)] = Field(description="The HTTP status.")
    detail: Text = Field(description="What is wrong, one sentence.")
    faults: tuple[Fault, ...] = Field(default=(), description="Everything that is wrong.")
