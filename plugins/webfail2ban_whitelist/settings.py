"""What the section ``whitelist`` may hold."""

from typing import Annotated

from pydantic import AfterValidator, Field

from webfail2ban import Duration, LocalPath, Networks, Settings, parse_host_name, parse_network

#: Names in one configuration: each is asked for by itself.
MOST_HOSTS = 256


def parse_host(text: str) -> str:
    """Read a host name, and say where an address belongs that stands in the place of one.

    Raises:
        ValueError: it is none.
    """
    try:
        parse_network(text)
    except ValueError:
        return parse_host_name(text)
    raise ValueError(f"must be a host name: {text} belongs in networks")


HostName = Annotated[str, AfterValidator(parse_host)]


class WhitelistSettings(Settings):
    """Clients that always pass."""

    networks: Networks = Field(
        default=(),
        description="Addresses and networks that always pass.",
        examples=[["192.0.2.1", "198.51.100.0/24", "2001:db8::/32"]],
    )
    files: tuple[LocalPath, ...] = Field(
        default=(),
        description="Files with addresses and networks, one a line, # begins a comment. They are "
        "read again when they change; one that isn't there is an empty one.",
        examples=[["/etc/haproxy/whitelist.lst"]],
    )
    hosts: tuple[HostName, ...] = Field(
        default=(),
        max_length=MOST_HOSTS,
        description="Names (dynamic DNS) whose addresses always pass, of IPv6 the client's whole "
        "network (verdict.ipv6_prefix). Whoever owns a name lets in whom he likes.",
        examples=[["home.example.org"]],
    )
    hosts_refresh: Duration = Field(
        default=300.0,
        ge=10,
        le=86_400,
        description="How often the names are asked for; one that fails earlier.",
    )
    hosts_keep: Duration = Field(
        default=604_800.0,
        gt=0,
        description="How long the last addresses of a name pass while it can't be resolved.",
    )
    hosts_private: bool = Field(
        default=False,
        description="Whether names may stand for private addresses (10.0.0.0/8, fc00::/7, ...). "
        "Whoever comes through a gateway or a container's bridge would pass with its address.",
    )
