"""URLs that a webhook may have, and how they are shown: without what may be a key in them."""

import re
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

#: RFC 3986, 2: nothing else stands in a URL. A space or newline would begin something new.
CHARACTERS = re.compile(r"[!-~]+")

#: A longer one is refused by many servers (RFC 9110, 4.1, speaks of 8000 bytes).
LONGEST = 8000


def parse_http_url(text: str) -> SplitResult:
    """Read an ``https://`` or ``http://`` URL.

    Raises:
        ValueError: it is none, or has a user's name in it. The URL isn't shown.
    """
    if not CHARACTERS.fullmatch(text) or len(text) > LONGEST:
        raise ValueError("must be an https:// or http:// URL: no spaces, nothing but ASCII")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("must be a URL with a host, and a port from 1 to 65535 if any") from None
    if parts.scheme not in ("https", "http"):
        raise ValueError("must begin with https:// or http://")
    if not parts.hostname or port == 0:
        raise ValueError("must name a host, as in https://hooks.example/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not have a user in it: put it into headers, as Authorization")
    if parts.fragment:
        raise ValueError("must not have a fragment (#...): it isn't sent")
    return parts


def check_http_url(url: SecretStr) -> SecretStr:
    """Refuse what is no URL for a webhook.

    Raises:
        ValueError: it is none.
    """
    parse_http_url(url.get_secret_value())
    return url


def check_proxy_url(url: SecretStr) -> SecretStr:
    """Refuse what is no URL of a proxy; a user and a password may stand in it.

    Raises:
        ValueError: it is none.
    """
    text = url.get_secret_value()
    scheme, _, rest = text.partition("://")
    parts = parse_http_url(f"{scheme}://{rest.rpartition('@')[2]}")
    if parts.path not in ("", "/") or parts.query:
        raise ValueError("must not have a path: http://proxy.example:3128")
    return url


def show_url(url: str) -> str:
    """Show where a URL leads: whatever stands behind the host may be a key."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/..."
