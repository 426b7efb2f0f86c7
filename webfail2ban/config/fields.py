"""Types for settings that more than one section needs: addresses, networks, ports, paths."""

import os
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from webfail2ban.addresses import parse_address, parse_network
from webfail2ban.config.wording import show_value
from webfail2ban.hostnames import parse_host_name

#: The key of a validation's context that holds the configuration file's directory.
DIRECTORY = "directory"

#: How HAProxy writes a unix socket's path.
UNIX_PREFIX = "unix@"

#: Bytes of a path in the kernel's sockaddr_un, its final zero left out (unix(7)).
MAX_SOCKET_PATH = 107


def parse_listen_address(text: str) -> str:
    """Read where to listen.

    Args:
        text: An IP address, a host name, or the path of a unix socket: ``/run/x.sock``, or as
            HAProxy writes it, ``unix@/run/x.sock``.

    Returns:
        The address without brackets, the name, or the path, which begins with a slash.

    Raises:
        ValueError: it is none of these.
    """
    path = text.removeprefix(UNIX_PREFIX)
    if path.startswith("/"):
        check_socket_path(Path(path))
        return path
    try:
        return str(parse_address(text))
    except ValueError:
        pass
    try:
        return parse_host_name(text)
    except ValueError:
        raise ValueError(
            f"must be an IP address, a host name or a unix socket's path, not {show_value(text)}"
        ) from None


def check_socket_path(path: Path) -> Path:
    """Refuse a path that no unix socket can have.

    Raises:
        ValueError: it is too long, or holds a zero byte, which ends it.
    """
    if len(os.fsencode(path)) > MAX_SOCKET_PATH or "\0" in str(path):
        raise ValueError(f"must not be a path of more than {MAX_SOCKET_PATH} bytes")
    return path


def parse_networks(value: Any) -> Any:
    """Read networks: a list, or text that names them with spaces or commas between.

    Returns:
        A list whose texts are networks; what is no text is left to pydantic, to be refused.

    Raises:
        ValueError: a text is no network.
    """
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    return value


def parse_network_text(value: Any) -> Any:
    """Read one address or network.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    try:
        return parse_network(value)
    except (ValueError, AttributeError):  # a number has no strip()
        raise ValueError(
            f"must be an IP address or a network such as 192.0.2.0/24, not {show_value(value)}"
        ) from None


def resolve_path(path: Path, info: ValidationInfo) -> Path:
    """Begin a relative path at the configuration file's directory.

    Raises:
        ValueError: it holds a zero byte, which no file's name can.
    """
    if "\0" in str(path):
        raise ValueError("must not hold a zero byte")
    context = info.context or {}
    directory: Path = context.get(DIRECTORY, Path())
    return directory / path


#: An IP address, a host name or a unix socket's path; the last begins with a slash.
ListenAddress = Annotated[str, AfterValidator(parse_listen_address)]

#: A TCP or UDP port to listen on; 0 takes any free one.
Port = Annotated[int, Field(ge=0, le=65535)]

#: A path; a relative one begins at the configuration file's directory.
LocalPath = Annotated[Path, AfterValidator(resolve_path)]

#: The path of a unix socket to create.
SocketPath = Annotated[LocalPath, AfterValidator(check_socket_path)]

#: What an editor should know of a network.
NETWORK_SCHEMA: dict[str, Any] = {
    "type": "string",
    "examples": ["192.0.2.1", "198.51.100.0/24", "2001:db8::/32"],
}

NetworkItem = Annotated[
    IPv4Network | IPv6Network,
    BeforeValidator(parse_network_text),
    WithJsonSchema(NETWORK_SCHEMA),
]

#: Networks, folded: a list of texts, or one text as fail2ban's ``ignoreip`` writes it.
Networks = Annotated[
    tuple[NetworkItem, ...],
    BeforeValidator(parse_networks),
    WithJsonSchema({"type": ["array", "string"], "items": NETWORK_SCHEMA}),
]
