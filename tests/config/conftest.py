from collections.abc import Callable, Mapping
from typing import Literal

import pytest
from pydantic import Field, RootModel, SecretStr

from webfail2ban.config import (
    BanDuration,
    Configuration,
    Duration,
    LocalPath,
    Models,
    Networks,
    Settings,
    check,
    parse,
)
from webfail2ban.errors import ConfigurationError


class Increment(Settings):
    factor: float = Field(default=1.0, description="How much longer each ban is.")


class Jail(Settings):
    filter: str = Field(description="The filter's name.")
    maxretry: int = Field(default=5, ge=1, description="Failures that make a ban.")
    findtime: Duration = Field(default=600.0, gt=0, le=3600, description="Within this time.")
    bantime: BanDuration = Field(default=600.0, description="How long.")
    ignoreip: Networks = Field(default=(), description="Who is never banned.")
    bantime_increment: bool = Field(default=False, description="Whether to prolong.")
    increment: Increment = Field(default=Increment(), description="How to prolong.")


class Jails(RootModel[dict[str, Jail]], frozen=True):
    """The jails, by name."""


class Tail(Settings):
    """Followed files."""

    files: tuple[LocalPath, ...] = Field(default=(), description="The files.")
    start: Literal["begin", "end"] | int = Field(default="end", description="Where to begin.")
    token: SecretStr | None = Field(default=None, description="A secret.")
    label: str = Field(default="", description="A name.")


@pytest.fixture
def models() -> Models:
    """The settings of three plugins; the third takes none."""
    return {"jails": Jails, "tail": Tail, "bare": None}


#: Checks text and variables against the models of the plugins that the text lists.
Checker = Callable[..., Configuration]


@pytest.fixture
def checked(models: Models) -> Checker:
    def check_text(text: str, env: Mapping[str, str] | None = None) -> Configuration:
        document = parse(text, "config.yaml", env or {})
        loaded = {name: models[name] for name in document.plugins if name in models}
        return check(document, loaded, installable=[*models, "whitelist"])

    return check_text


#: The same, for what must fail: every problem's line.
Complainer = Callable[..., list[str]]


@pytest.fixture
def complaints(checked: Checker) -> Complainer:
    def check_bad_text(text: str, env: Mapping[str, str] | None = None) -> list[str]:
        with pytest.raises(ConfigurationError) as caught:
            checked(text, env)
        return str(caught.value).splitlines()

    return check_bad_text
