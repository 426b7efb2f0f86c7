"""What the section ``blocklist`` may hold."""

import re
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote, urlsplit

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, Field, SecretStr, model_validator

from webfail2ban import Duration, LocalPath, Settings

#: A list's name names its files, too.
NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"

#: RFC 3986, 2: nothing else stands in a URL. RFC 9110, 5: nor in a header's name and value.
URL = re.compile(r"[!-~]{1,8000}")
HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\t -~]*")

JSON_FORMATS = ("json", "jsonl")


def check_name(name: str) -> str:
    """Refuse what can't name a list.

    Raises:
        ValueError: it can't.
    """
    if not re.fullmatch(NAME, name):
        raise ValueError("must be a name of letters, digits, _ and -, 64 at most")
    return name


def check_url(url: SecretStr) -> SecretStr:
    """Refuse what no list can be had from.

    Raises:
        ValueError: it is that. The URL isn't shown.
    """
    text = url.get_secret_value()
    try:
        parts = urlsplit(text)
        good = parts.scheme == "file" or (parts.hostname and parts.port != 0)
    except ValueError:
        good = False
    if not good or not URL.fullmatch(text):
        raise ValueError("must be a URL such as https://lists.example/drop.txt")
    if parts.scheme not in {"https", "http", "file"}:
        raise ValueError("must begin with https://, http:// or file://")
    if parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/")):
        raise ValueError("must have three slashes: file:///var/lib/list.txt")
    if parts.username is not None:
        raise ValueError("must not have a user in it: put it into headers, as Authorization")
    return url


def check_json_path(path: str) -> str:
    """Refuse what is no JMESPath.

    Raises:
        ValueError: it is none.
    """
    try:
        if path:
            jmespath.compile(path)
    except JMESPathError as error:
        first = str(error).splitlines()[0]
        raise ValueError(f"must be a JMESPath such as prefixes[].ip_prefix: {first}") from None
    return path


def check_headers(headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
    """Refuse headers that HTTP doesn't know the form of; their values aren't shown.

    Raises:
        ValueError: there is one.
    """
    for name, value in headers.items():
        if not HEADER.fullmatch(name) or not HEADER_VALUE.fullmatch(value.get_secret_value()):
            raise ValueError(f"must have headers of ASCII, on one line each: {name!r} is none")
    return headers


class FeedSettings(Settings):
    """One list: where it is, how it is read, and what becomes of whoever is on it."""

    url: Annotated[SecretStr, AfterValidator(check_url)] | None = Field(
        default=None,
        description="Where the list is: https, http, or file. What stands behind its host is never "
        "shown, as it may be a key.",
        examples=["https://lists.example/drop.txt"],
    )
    file: LocalPath | None = Field(
        default=None,
        description="A file with the list, instead; it is read again when it changes.",
    )
    format: Literal["plain", "netset", "hosts", "csv", "json", "jsonl"] = Field(
        default="plain",
        description="plain: an address, network or range a line. netset: as ipset save writes it. "
        "hosts: an address and names; names are ignored. csv, json, jsonl. Packed with gzip or not "
        "is seen.",
    )
    column: str | Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="For csv: the column's name in the first row, or its number."
    )
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = Field(
        default=",", description="For csv: what stands between columns."
    )
    json_path: Annotated[str, AfterValidator(check_json_path)] = Field(
        default="",
        description="For json and jsonl: where the entries are, as JMESPath (https://jmespath.org).",
        examples=["prefixes[].ip_prefix", "ip"],
    )
    score: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="How bad it is to be on the list. Without it, whoever is on it is banned.",
    )
    refresh: Duration = Field(
        default=3600.0, gt=0, description="How often to ask whether the list has changed."
    )
    jitter: float = Field(
        default=0.1,
        ge=0,
        le=0.5,
        description="The share of that by which chance makes it longer or shorter, so that not all "
        "the world asks at the same moment.",
    )
    timeout: Duration = Field(
        default=20.0, gt=0, le=600, description="How long the server may be silent."
    )
    deadline: Duration = Field(
        default=300.0, gt=0, le=86_400, description="How long all of a refresh may take."
    )
    max_size: int = Field(
        default=64 * 1024 * 1024,
        ge=1,
        le=1024 * 1024 * 1024,
        description="How many bytes the list may have, packed and unpacked.",
    )
    max_entries: int = Field(
        default=2_000_000,
        ge=1,
        le=20_000_000,
        description="How many entries it may have: 8 bytes of memory each, for IPv6 24.",
    )
    hold: bool = Field(
        default=True,
        description="Whether a list that shrinks to nothing or grows tenfold is held until somebody"
        " accepts it, while the last good one stays in force.",
    )
    headers: Annotated[dict[str, SecretStr], AfterValidator(check_headers)] = Field(
        default_factory=dict, description="Headers to send, such as Authorization. Never shown."
    )
    ca_file: LocalPath | None = Field(
        default=None, description="Certificates to trust instead of the system's: a PEM file."
    )

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if (self.url is None) == (self.file is None):
            raise ValueError("must have url or file, and not both")
        if self.format == "csv" and self.column is None:
            raise ValueError("must have column where the format is csv")
        if self.format != "csv" and self.column is not None:
            raise ValueError("must not have column where the format isn't csv")
        if self.json_path and self.format not in JSON_FORMATS:
            raise ValueError("must not have json_path where the format isn't json or jsonl")
        return self

    @property
    def local(self) -> Path | None:
        """The list's file; None if it is downloaded."""
        if self.file is not None or self.url is None:
            return self.file
        parts = urlsplit(self.url.get_secret_value())
        return Path(unquote(parts.path)) if parts.scheme == "file" else None

    @property
    def where(self) -> str:
        """Where it is, for people: nothing that may be a key."""
        if self.local is not None:
            return str(self.local)
        assert self.url is not None  # noqa: S101 - the model has seen to it
        parts = urlsplit(self.url.get_secret_value())
        return f"{parts.scheme}://{parts.netloc}{'' if parts.path in {'', '/'} else '/...'}"

    @property
    def source(self) -> str:
        """A hash of where it comes from and how it is read: another one is another list."""
        url = self.url.get_secret_value() if self.url else ""
        facts: tuple[Any, ...] = (
            url,
            str(self.file),
            self.format,
            self.column,
            self.delimiter,
            self.json_path,
        )
        return sha256(repr(facts).encode()).hexdigest()[:32]


class BlocklistSettings(Settings):
    """Lists of addresses that others have found to be bad."""

    directory: LocalPath = Field(
        default=Path("/var/lib/webfail2ban/lists"),
        description="Where the last good lists are kept, for a start without network. It is made "
        "if it isn't there, and belongs to one webfail2ban only.",
    )
    feeds: dict[Annotated[str, AfterValidator(check_name)], FeedSettings] = Field(
        default_factory=dict, description="The lists by name."
    )
