"""The section ``syslog`` of the configuration.

Whoever can send lines here can have anybody banned, so it listens on this host alone unless told
otherwise, and beyond it only with a list of senders.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, Field, model_validator

from webfail2ban import (
    Address,
    Duration,
    Network,
    Networks,
    Settings,
    SettingsProblem,
    SocketPath,
    parse_address,
)

#: Who may send where the operator names nobody: this host.
LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))

MAX_PORT = 65_535

#: What `program` may be.
PROGRAM = re.compile(r"[^\s\[\]:]*")


class Endpoint(NamedTuple):
    """Where to listen."""

    address: Address
    port: int

    def __str__(self) -> str:
        """Write it as it is configured, an IPv6 address in brackets."""
        host = str(self.address)
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"


def parse_endpoint(text: str) -> Endpoint:
    """Read an address and a port: ``127.0.0.1:5514``, ``[::1]:5514`` or ``localhost:5514``.

    Raises:
        ValueError: it is none, or lacks the address: ``:5514`` means all the world to some
            programs and this host to others, so it has to be said.
    """
    host, colon, port = text.strip().rpartition(":")
    if not (colon and port.isascii() and port.isdigit() and int(port) <= MAX_PORT):
        raise ValueError(f"must end in a port, as 127.0.0.1:5514 does, not {text!r}")
    if not host:
        raise ValueError(
            f"must name an address too: 127.0.0.1:{port} for this host, 0.0.0.0:{port} for all"
        )
    if host == "localhost":
        return Endpoint(IPv4Address("127.0.0.1"), int(port))
    if ":" in host and not host.startswith("["):
        raise ValueError(f"must have brackets around an IPv6 address, as [::1]:5514, not {text!r}")
    try:
        return Endpoint(parse_address(host), int(port))
    except ValueError:
        raise ValueError(f"must begin with an IP address, not {text!r}") from None


def show_endpoint(text: str) -> str:
    """Check an address and a port, and write them in one way."""
    return str(parse_endpoint(text))


def check_program(text: str) -> str:
    """Return a program's name.

    Raises:
        ValueError: it wouldn't be taken for one in a log line.
    """
    if not PROGRAM.fullmatch(text):
        raise ValueError(f"must be one word without colons and brackets, not {text!r}")
    return text


class SyslogSettings(Settings):
    """Where syslog messages are received, from whom, and how long they may be."""

    address: Annotated[str, AfterValidator(show_endpoint)] = Field(
        default="127.0.0.1:5514",
        description='The address and port to listen on, 127.0.0.1:5514 or "[::1]:5514" in quotes. '
        'Beyond this host, 0.0.0.0:5514 or "[::]:5514" for IPv4 too, `allow` must name the '
        "senders. Ports below 1024 need root or CAP_NET_BIND_SERVICE.",
    )
    protocols: tuple[Literal["udp", "tcp"], ...] = Field(
        default=("udp",),
        description="How messages arrive at `address`: udp, tcp or both; an empty list for "
        "neither, where `socket` is all that is wanted. TCP takes octet counting and a message a "
        "line (RFC 6587), without TLS.",
    )
    socket: SocketPath | None = Field(
        default=None,
        description="A unix datagram socket to create, /run/webfail2ban/log, as /dev/log is one. "
        "Every user who can reach it may send; the rights of its directory decide who can.",
    )
    allow: Networks | None = Field(
        default=None,
        description="The addresses and networks that may send over UDP and TCP; what others send "
        "is dropped and counted. Without it: this host. Over UDP anyone can forge his address, so "
        "a firewall has to keep strangers out too.",
    )
    program: Annotated[str, AfterValidator(check_program)] = Field(
        default="",
        description="The program that lines are from whose sender names none: haproxy for "
        "HAProxy's formats other than rfc3164 and rfc5424. Without it they get the program `-`, "
        "which no filter for a certain program takes.",
    )
    max_line: int = Field(
        default=8192,
        ge=480,
        le=65_535,
        description="The longest message, in bytes; a longer one is cut behind a word and counted.",
    )
    max_connections: int = Field(
        default=100,
        ge=1,
        description="How many senders may be connected over TCP at once; more are turned away.",
    )
    idle_timeout: Duration = Field(
        default=3600.0,
        gt=0,
        description="How long a TCP connection may bring no whole message before it is closed.",
    )

    @model_validator(mode="after")
    def _listen_somewhere(self) -> Self:
        if not self.protocols and self.socket is None:
            raise ValueError("must name udp or tcp in `protocols`, or a `socket`")
        return self

    @property
    def endpoint(self) -> Endpoint:
        """The address and port to listen on."""
        return parse_endpoint(self.address)

    @property
    def senders(self) -> tuple[Network, ...]:
        """Who may send over UDP and TCP."""
        return LOOPBACK if self.allow is None else self.allow


def find_problems(settings: SyslogSettings) -> Iterator[SettingsProblem]:
    """Find what is wrong with well-formed settings: senders that nobody named, no directory."""
    if settings.protocols and settings.allow is None and not settings.endpoint.address.is_loopback:
        yield SettingsProblem(
            ("allow",),
            f"must name who may send: others than this host can reach {settings.address}, "
            "and whoever can send lines can have anybody banned",
        )
    if settings.protocols and settings.allow == ():
        yield SettingsProblem(("allow",), "must name somebody, or nothing is ever received")
    if settings.socket is not None and not settings.socket.parent.is_dir():
        yield SettingsProblem(("socket",), f"must be in a directory: {settings.socket.parent}")
