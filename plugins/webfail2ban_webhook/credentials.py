"""Secrets for headers: from the configuration, the environment or files, never shown."""

import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import SecretStr

#: RFC 9110, 5.6.2: what a header's name is made of.
NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")

#: RFC 9110, 5.5, without what isn't ASCII: no line can end here and another begin.
VALUE = re.compile(r"[!-~]([\t -~]*[!-~])?")

#: Headers that HTTP itself needs, which belong to whoever sends the request.
OURS = frozenset(
    ("host", "content-length", "content-type", "connection", "transfer-encoding", "expect", "te")
)

#: Bytes of a file with a secret; a larger one is something else.
LARGEST = 16_384


def check_headers(names: Iterable[str]) -> None:
    """Refuse headers that can't be set.

    Raises:
        ValueError: a name is none, or is HTTP's own.
    """
    for name in names:
        if not NAME.fullmatch(name):
            raise ValueError(f"must have names of headers such as X-Api-Key, not {name!r:.40}")
        if name.lower() in OURS:
            raise ValueError(f"must not have {name}: it is set as HTTP needs it")


def check_value(text: str) -> str:
    """Return what a header can hold.

    Raises:
        ValueError: it can't hold this, which isn't shown.
    """
    if not VALUE.fullmatch(text):
        raise ValueError("must be one line of ASCII characters, and not empty")
    return text


def check_secret(secret: SecretStr) -> SecretStr:
    """Refuse a secret that no header can hold.

    Raises:
        ValueError: it is such a one.
    """
    check_value(secret.get_secret_value())
    return secret


def read_secret(path: Path) -> str:
    """Read a secret from a file, without the white space around it.

    Raises:
        OSError: it can't be read.
        ValueError: there is none in it that a header or a URL could be.
    """
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"must not have more than {LARGEST} bytes")
    return check_value(data.decode("utf-8", "replace").strip())
