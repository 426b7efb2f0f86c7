"""What an operator has a plugin do."""

from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from webfail2ban.api.models.base import Answer, Request

#: A plugin's name, or an action's, in a path.
Word = Annotated[
    str,
    StringConstraints(max_length=100, pattern=r"^[A-Za-z][A-Za-z0-9_-]*$"),
]


class ActionRequest(Request):
    """What the plugin should know."""

    arguments: dict[str, JsonValue] = Field(
        default_factory=dict, description="Whatever the action takes; the plugin checks it."
    )


class ActionResult(Answer):
    """What came of it."""

    result: JsonValue = Field(description="Whatever the plugin says.")
