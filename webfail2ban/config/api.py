"""The section ``api``: where operators' programs ask, and who may."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    SecretStr,
    WithJsonSchema,
    model_validator,
)

from webfail2ban.config.durations import Duration
from webfail2ban.config.fields import ListenAddress, LocalPath, Networks, Port, SocketPath
from webfail2ban.config.settings import Settings
from webfail2ban.config.wording import show_value

#: What turns the unix socket off; YAML's ``off`` is false.
NONE = ("none", "off", False)

#: A mode as chmod(1) takes it.
MODE = re.compile(r"0?[0-7]{3}")

#: A shorter token can be guessed; 16 random characters can't be.
SHORTEST_TOKEN = 16

#: What a token in an HTTP header is made of (RFC 6750, 2.1).
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


def read_none(value: Any) -> Any:
    """Take ``none`` and ``off`` for nothing."""
    return None if value in NONE else value


def read_mode(value: Any) -> int:
    """Read a file's mode: ``0660``.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not MODE.fullmatch(str(value)):
        raise ValueError(f"must be a file's mode such as 0660, not {show_value(value)}")
    return int(str(value), 8)


def check_no_path(address: str) -> str:
    """Refuse a unix socket where a TCP address is meant.

    Raises:
        ValueError: it is one.
    """
    if address.startswith("/"):
        raise ValueError("must be an IP address or a host name; a unix socket's path is socket")
    return address


def check_token(token: SecretStr) -> SecretStr:
    """Refuse a token that can be guessed, or that no HTTP header can hold; never show it.

    Raises:
        ValueError: it is such a one.
    """
    secret = token.get_secret_value()
    if len(secret) < SHORTEST_TOKEN:
        raise ValueError(f"must have {SHORTEST_TOKEN} characters at least")
    if not TOKEN.fullmatch(secret):
        raise ValueError("must be made of letters, digits and -._~+/ only")
    return token


def is_loopback(address: str) -> bool:
    """Whether nobody but this machine reaches an address."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


FileMode = Annotated[
    int,
    BeforeValidator(read_mode),
    PlainSerializer(lambda mode: f"{mode:04o}", return_type=str, when_used="json"),
    WithJsonSchema({"type": ["string", "integer"], "pattern": f"^{MODE.pattern}$"}),
]


class ApiSettings(Settings):
    """How operators steer the program: HTTP over a unix socket, and over TCP if need be."""

    socket: SocketPath | None = Field(
        default=Path("/run/webfail2ban/api.sock"),
        description="The unix socket's path; none for no such socket.",
    )
    mode: FileMode = Field(
        default=0o660,
        json_schema_extra={"default": "0660"},
        description="The unix socket's mode: whoever may write to it may steer.",
    )
    owner: str | None = Field(
        default=None, description="The user that the unix socket belongs to, by name or number."
    )
    group: str | None = Field(
        default=None, description="The group that it belongs to.", examples=["adm"]
    )
    address: Annotated[ListenAddress, AfterValidator(check_no_path)] | None = Field(
        default=None,
        description="An IP address or host name to listen on besides. Whoever is not on this "
        "machine needs a token and must be in allow.",
        examples=["127.0.0.1", "::1"],
    )
    port: Port = Field(default=12346, description="The TCP port; 0 takes any free one.")
    token_file: LocalPath | None = Field(
        default=None,
        description="A file with the token that a client shows over TCP: Authorization: Bearer.",
        examples=["/etc/webfail2ban/api.token"],
    )
    token: Annotated[SecretStr, AfterValidator(check_token)] | None = Field(
        default=None,
        description="The token itself: for the environment variable FAIL2BAN_API_TOKEN, rather "
        "than for this file.",
    )
    allow: Networks = Field(
        default=(),
        description="The networks that may connect over TCP. Left empty it is whoever reaches a "
        "loopback address.",
        examples=[["192.0.2.0/24"]],
    )
    timeout: Duration = Field(
        default=30.0,
        gt=0,
        description="How long a client may be silent, or take to send a request, before it is "
        "cut off.",
    )

    @model_validator(mode="before")
    @classmethod
    def _none_means_off(cls, data: Any) -> Any:
        if isinstance(data, dict) and "socket" in data:
            return {**data, "socket": read_none(data["socket"])}
        return data

    @model_validator(mode="after")
    def _guard_the_network(self) -> Self:
        if self.token is not None and self.token_file is not None:
            raise ValueError("must not have both a token and a token_file")
        if self.address is None or is_loopback(self.address):
            return self
        if self.token is None and self.token_file is None:
            raise ValueError(
                "must have a token_file, or FAIL2BAN_API_TOKEN in the environment: its address "
                f"{self.address} is not only for this machine"
            )
        if not self.allow:
            raise ValueError("must name in allow the networks that may connect over TCP")
        return self
