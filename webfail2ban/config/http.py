"""The section ``http``: where nginx, Envoy, Traefik and Caddy ask, and what they tell."""

import re
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from webfail2ban.config.api import is_loopback
from webfail2ban.config.durations import Duration
from webfail2ban.config.fields import ListenAddress, Networks, Port
from webfail2ban.config.settings import Settings
from webfail2ban.config.wording import show_value

#: A header's name (RFC 9110, 5.1), as far as anybody uses it.
HEADER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")

#: Parts of a request's first line, in Envoy's words.
PSEUDO_HEADERS = frozenset({":method", ":path"})

#: An argument's name, as SPOE's messages have them.
ARGUMENT = re.compile(r"[a-z][a-z0-9_]{0,31}")

#: The arguments that name the client; see `webfail2ban.spoa.queries`.
OF_THE_CLIENT = frozenset({"ip", "src", "src_ip"})

LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


def check_header(name: str) -> str:
    """Refuse what can't be a header's name.

    Raises:
        ValueError: it can't.
    """
    if not HEADER.fullmatch(name):
        raise ValueError(f"must be a header's name such as X-Real-IP, not {show_value(name)}")
    return name


def check_source(name: str) -> str:
    """Refuse what no value can be taken from.

    Raises:
        ValueError: it is such a thing.
    """
    return name if name in PSEUDO_HEADERS else check_header(name)


def check_arguments(arguments: dict[str, str]) -> dict[str, str]:
    """Refuse names that no argument can have.

    Raises:
        ValueError: one is such a name.
    """
    for name in arguments:
        if name in OF_THE_CLIENT:
            raise ValueError(f"must not name an argument {name}: it is the client's address")
        if not ARGUMENT.fullmatch(name):
            raise ValueError(f"must name arguments such as path, not {show_value(name)}")
    return arguments


HeaderName = Annotated[str, AfterValidator(check_header)]


class HttpSettings(Settings):
    """Where and how nginx, Envoy, Traefik and Caddy ask: by HTTP, for 200 or 403."""

    address: ListenAddress | None = Field(
        default=None,
        description="Where to listen: an IP address, a host name, or the path of a unix socket. "
        "Without it nobody is answered over HTTP.",
        examples=["127.0.0.1", "/run/webfail2ban/http.sock"],
    )
    port: Port = Field(
        default=12347,
        description="The TCP port to listen on; 0 takes any free one. A unix socket has none.",
    )
    trusted: Networks = Field(
        default=LOOPBACK,
        description="The proxies that may ask: they can ask about anybody. Others get an error. "
        "Over a unix socket it is whoever may open it.",
        examples=[["127.0.0.1", "192.0.2.10"]],
    )
    address_header: HeaderName = Field(
        default="X-Forwarded-For",
        description="The header that names the client. Of a list it is the last address that is "
        "neither in trusted nor in trusted_proxies.",
        examples=["X-Forwarded-For", "X-Real-IP"],
    )
    arguments: Annotated[
        dict[str, Annotated[str, AfterValidator(check_source)]], AfterValidator(check_arguments)
    ] = Field(
        default={},
        description="What plugins hear of a request besides: names of arguments, and the headers "
        "that hold them, or :method and :path of the request itself. Answers are remembered by "
        "all of them together.",
        examples=[{"host": "X-Forwarded-Host", "path": "X-Forwarded-Uri"}],
    )
    max_clients: int = Field(
        default=512,
        ge=1,
        le=1_000_000,
        description="How many connections to serve at the same time; more get 503.",
    )
    max_header: int = Field(
        default=65_536,  # Envoy sends 60 KiB at most, nginx 32
        ge=1024,
        le=1 << 20,
        description="How many bytes the head of a request may have; longer ones get 431 or 414.",
    )
    read_timeout: Duration = Field(
        default=10.0,
        gt=0,
        description="How long a request may take to arrive, and an answer to be taken.",
    )
    idle_timeout: Duration = Field(
        default=180.0,  # nginx closes after 60 s, Traefik after 90, Caddy after 120
        gt=0,
        description="How long a connection may be kept without a request. Longer than the proxy "
        "keeps it, or it may close just when it is used.",
    )

    @model_validator(mode="after")
    def _guard_the_network(self) -> Self:
        if self.address is None or self.address.startswith("/") or is_loopback(self.address):
            return self
        if "trusted" not in self.model_fields_set:
            raise ValueError(
                "must name in trusted the proxies that may ask: its address "
                f"{self.address} is not only for this machine"
            )
        return self
