"""What the section ``whitelist`` may hold."""

from pydantic import Field

from webfail2ban import LocalPath, Networks, Settings


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
