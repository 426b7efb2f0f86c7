"""What the section ``payload`` may hold: checks by name."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, RootModel, WithJsonSchema, field_validator

from webfail2ban import BanDuration, Settings, find_slowness

#: Bytes of a payload that an expression sees. Time that grows with the square of it is below a
#: millisecond then; HAProxy passes on up to 16 KiB.
SEEN = 512

#: What a rule says: a word, or a score.
Saying = Literal["allow", "ban", "pass"] | Annotated[int, Field(ge=1, le=100)]

Protocol = Literal["tls", "http", "ssh", "smtp", "imap", "pop3", "rdp", "proxy"]


def as_several(value: Any) -> Any:
    """Let people write one of several without brackets."""
    return value if isinstance(value, list | tuple) else [value]


def read_hex(value: Any) -> Any:
    """Read bytes as people write them: ``16 03 01`` or ``160301``.

    Raises:
        ValueError: it isn't hexadecimal.
    """
    if isinstance(value, bytes):
        return value
    if isinstance(value, float):
        said = f"must be in quotes: with an e between digits it is the number {value:g}"
        raise ValueError(said)  # noqa: TRY004 - pydantic takes no other for a wrong value
    text = value if isinstance(value, str) else str(value)
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raise ValueError(f"must be bytes in hexadecimal, such as 16 03, not {text}") from None


HexBytes = Annotated[
    bytes,
    Field(min_length=1, max_length=SEEN),
    BeforeValidator(read_hex),
    WithJsonSchema({"type": "string", "examples": ["16 03", "404e5443"]}),
]


def compile_payload_regex(text: str) -> re.Pattern[str]:
    r"""Compile an expression on bytes, each of which is the character of its number.

    Args:
        text: The expression; ``\x16`` stands for the byte 0x16, and the dot for any byte.

    Raises:
        re.error: it isn't one.
    """
    return re.compile(rf"\A(?:{text})", re.DOTALL | re.ASCII)


class RuleSettings(Settings):
    """What to say of payloads; all conditions of a rule must hold."""

    prefix: Annotated[tuple[HexBytes, ...], BeforeValidator(as_several)] = Field(
        default=(),
        description="What it begins with, in hexadecimal; of several, one of them. Write it in "
        "quotes: YAML takes 160301 for a number.",
        examples=["404e5443", ["16 03 01", "16 03 03"]],
    )
    regex: str | None = Field(
        default=None,
        min_length=1,
        description=f"An expression that its first {SEEN} bytes match from the beginning on. The "
        "dot is any byte, \\x16 the byte 0x16.",
        examples=[r"@NTC.{4}\x00"],
    )
    looks_like: Annotated[tuple[Protocol, ...], BeforeValidator(as_several)] = Field(
        default=(), description="Protocols, of which its beginning looks like one."
    )
    min_length: int = Field(default=0, ge=0, description="How many bytes it has at least.")
    max_length: int | None = Field(default=None, ge=0, description="How many it has at most.")
    then: Saying = Field(
        description="pass: it is right, and nothing is said of the client. ban. allow: the client "
        "passes, whatever the other plugins say. These three are the end; a score of 1 to 100 is "
        "added to those of the rules below."
    )
    reason: str | None = Field(
        default=None, min_length=1, max_length=200, description="Why, for HAProxy's log."
    )

    @field_validator("regex")
    @classmethod
    def _refuse_slow_ones(cls, text: str | None) -> str | None:
        if text is None:
            return text
        try:
            slowness = find_slowness(compile_payload_regex(text))
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from error
        if slowness:
            raise ValueError(f"can be kept busy by a client: {slowness}")
        return text


class CheckSettings(Settings):
    """Rules on what clients of one service say first."""

    message: str = Field(
        default="check-payload",
        min_length=1,
        description="The name of the spoe-message that asks.",
    )
    argument: str = Field(
        default="payload", description="The name of its argument that holds the bytes."
    )
    rules: tuple[RuleSettings, ...] = Field(
        default=(), description="From the first to the last, until one says the end."
    )
    otherwise: Saying = Field(
        default="pass", description="What to say of payloads that no rule fits."
    )
    ban_for: BanDuration | None = Field(
        default=None,
        gt=0,
        description="Ban the address, too, whenever a rule says ban: its next connections are "
        "refused before they say a word. By default only the connection is refused.",
    )


class PayloadSettings(RootModel[dict[str, CheckSettings]], frozen=True):
    """Checks by name; a ban names its check as the jail."""
