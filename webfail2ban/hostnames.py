"""Host names as operators write them: for a listener, a list of clients, another program's jail."""

import re

#: RFC 1123, 2.1, in its ASCII form; underscores because container platforms name services with
#: them.
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*")

#: Digits and dots alone are an IPv4 address that went wrong, not a name.
_NUMERIC = re.compile(r"[0-9.]+")


def parse_host_name(text: str) -> str:
    """Read a host name.

    Returns:
        The name in small letters, without a final dot.

    Raises:
        ValueError: it is none.
    """
    name = text.strip().lower().removesuffix(".")
    if not _HOST_NAME.fullmatch(name) or _NUMERIC.fullmatch(name):
        raise ValueError(f"must be a host name such as home.example.org, not {text!r:.60}")
    return name
