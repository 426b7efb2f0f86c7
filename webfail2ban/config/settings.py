"""The base of every settings model, the engine's and the plugins'."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator


class Settings(BaseModel):
    """A section of the configuration, or a part of one.

    Unknown keys are errors, values are checked once and never change, and a section that holds
    nothing (``tail:`` with all its lines commented out) means its defaults.

    Give each field a type, a default unless the operator has to set it, and a description: it is
    shown in editors and in the reference. Use tuples rather than lists. A validator of your own
    raises ValueError with a message that follows the setting's name: "must be even, not 3".
    Example::

        class GreetingSettings(Settings):
            every: Duration = Field(default=60.0, gt=0, description="How often to greet.")
            names: tuple[str, ...] = Field(default=(), description="Whom to greet.")

    A section whose keys are names, such as ``jails``, is a pydantic ``RootModel``::

        class Jails(RootModel[dict[str, JailSettings]], frozen=True): ...
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False
    )

    @model_validator(mode="before")
    @classmethod
    def _nothing_means_defaults(cls, data: Any) -> Any:
        return {} if data is None else data
