"""The sections ``webhook`` and ``apprise`` of the configuration."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, RootModel, SecretStr, field_validator, model_validator

from webfail2ban import Duration, Json, LocalPath, Settings
from webfail2ban_webhook import template
from webfail2ban_webhook.addresses import check_http_url, check_proxy_url
from webfail2ban_webhook.credentials import check_headers, check_secret
from webfail2ban_webhook.message import FIELDS, Event

#: What a template that is filled once for all gathered messages may hold.
GROUP_FIELDS = ("messages", "text", "number", "hostname")

#: A header's value, never shown.
Secret = Annotated[SecretStr, AfterValidator(check_secret)]

#: Every field of a message but the log lines, which can be long and hold anything.
DEFAULT_BODY: dict[str, Json] = {
    field: f"{{{field}}}" for field in FIELDS if field not in ("lines", "lasts")
}


class ChannelSettings(Settings):
    """Which messages a receiver gets, how fast, and how long it is tried."""

    events: tuple[Event, ...] = Field(
        default=("ban", "unban"), min_length=1, description="What to tell of: ban, unban or both."
    )
    jails: tuple[str, ...] = Field(
        default=("*",),
        min_length=1,
        description="Patterns; what a jail does whose name fits none isn't told.",
        examples=[["dovecot", "nginx-*"]],
    )
    gather: Duration = Field(
        default=0.0,
        le=3600,
        description="How long to wait for more messages after a first one, and tell them together; "
        "0 tells each by itself.",
    )
    rate: float = Field(
        default=5.0, gt=0, le=1000, description="How often a second to send something at most."
    )
    queue: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="How many messages may wait; beyond it the oldest are dropped.",
    )
    timeout: Duration = Field(
        default=10.0, gt=0, le=300, description="How long one attempt may take altogether."
    )
    retry_pause: Duration = Field(
        default=1.0,
        gt=0,
        le=3600,
        description="How long to wait after a failure; twice as long after each further one.",
    )
    retry_longest: Duration = Field(
        default=300.0, gt=0, le=86_400, description="The longest wait between two attempts."
    )
    retry_for: Duration = Field(
        default=86_400.0, gt=0, description="How old a message may get before it is given up."
    )


class WebhookSettings(ChannelSettings):
    """One web service that is told."""

    url: Annotated[SecretStr, AfterValidator(check_http_url)] | None = Field(
        default=None,
        description="Where to: an https or http URL. Never shown whole: it may hold a key.",
    )
    url_file: LocalPath | None = Field(default=None, description="A file with the URL, instead.")
    method: Literal["POST", "PUT", "PATCH"] = Field(
        default="POST", description="HTTP's method: POST, PUT or PATCH."
    )
    headers: dict[str, Secret] = Field(
        default_factory=dict, description="Headers besides those that HTTP needs. Never shown."
    )
    header_files: dict[str, LocalPath] = Field(
        default_factory=dict, description="Headers whose values stand in files."
    )
    token: Secret | None = Field(
        default=None,
        description="A token to send as `Authorization: Bearer`. Put it into the environment.",
    )
    token_file: LocalPath | None = Field(
        default=None, description="A file with the token, instead; it is read again when need be."
    )
    body: Any = Field(
        default=None,
        description="What to send of a message: any JSON, with {fields} in its texts: "
        f"{', '.join(FIELDS)}. Without it, all of them but lasts and lines.",
        examples=[{"text": "{network} is banned by {jail} for {lasts}: {reason}"}],
    )
    lines: bool = Field(
        default=False, description="Whether to send the log lines too, where body isn't set."
    )
    envelope: Any = Field(
        default_factory=lambda: {"messages": "{messages}"},
        description="What to send of gathered messages: any JSON; {messages} are their bodies, "
        "{text} the same as lines of text, {number} how many, and {hostname}.",
        examples=[{"text": "{text}"}],
    )
    ca_file: LocalPath | None = Field(
        default=None, description="Certificates to trust, instead of the system's: a PEM file."
    )
    proxy: Annotated[SecretStr, AfterValidator(check_proxy_url)] | None = Field(
        default=None,
        description="An HTTP proxy: http://proxy.example:3128. Variables such as HTTPS_PROXY mean "
        "nothing here.",
    )

    @field_validator("headers", "header_files")
    @classmethod
    def _check_headers(cls, headers: dict[str, Any]) -> dict[str, Any]:
        check_headers(headers)
        return headers

    @field_validator("body")
    @classmethod
    def _check_body(cls, body: Any) -> Any:
        template.check(body, FIELDS)
        return body

    @field_validator("envelope")
    @classmethod
    def _check_envelope(cls, envelope: Any) -> Any:
        template.check(envelope, GROUP_FIELDS)
        return envelope

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        _check_one(self, "url", "url_file", needed=True)
        _check_one(self, "token", "token_file", needed=False)
        if self.lines and self.body is not None:
            raise ValueError("must not have lines beside body: put {lines} into it")
        return self

    @property
    def message_template(self) -> Json:
        """What is sent of one message."""
        if self.body is not None:
            body: Json = self.body
            return body
        return {**DEFAULT_BODY, "lines": "{lines}"} if self.lines else dict(DEFAULT_BODY)


class ServiceSettings(ChannelSettings):
    """One service of Apprise's that is told: an address for mail, a chat."""

    url: SecretStr | None = Field(
        default=None,
        description="Whom to tell, as Apprise writes it. It is never shown: it holds passwords.",
        examples=["mailto://user:password@example.com"],
    )
    url_file: LocalPath | None = Field(default=None, description="A file with the URL, instead.")
    events: tuple[Event, ...] = Field(
        default=("ban",), min_length=1, description="What to tell of: ban, unban or both."
    )
    gather: Duration = Field(
        default=30.0,
        le=3600,
        description="How long to wait for more messages after a first one, and tell them together; "
        "0 tells each by itself.",
    )
    rate: float = Field(
        default=0.2, gt=0, le=1000, description="How often a second to send something at most."
    )
    timeout: Duration = Field(
        default=30.0, gt=0, le=300, description="How long one attempt may take altogether."
    )
    title: str = Field(
        default="webfail2ban on {hostname}",
        description="The title, with {number} (of messages) and {hostname} in it.",
    )
    text: str = Field(
        default="{event} {network} [{jail}] for {lasts}: {reason}",
        min_length=1,
        description=f"The line for each message, with {{fields}} in it: {', '.join(FIELDS)}.",
    )

    @field_validator("title")
    @classmethod
    def _check_title(cls, title: str) -> str:
        template.check(title, ("number", "hostname"))
        return title

    @field_validator("text")
    @classmethod
    def _check_text(cls, text: str) -> str:
        template.check(text, FIELDS)
        return text

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        _check_one(self, "url", "url_file", needed=True)
        return self


class WebhooksSettings(RootModel[dict[str, WebhookSettings]], frozen=True):
    """Web services by name."""


class ServicesSettings(RootModel[dict[str, ServiceSettings]], frozen=True):
    """Services of Apprise's by name."""


def _check_one(settings: Settings, name: str, file: str, *, needed: bool) -> None:
    """Refuse two settings that say the same, or none.

    Raises:
        ValueError: there are both, or neither.
    """
    values = [getattr(settings, key) for key in (name, file)]
    if None not in values:
        raise ValueError(f"must have {name} or {file}, not both")
    if needed and values == [None, None]:
        raise ValueError(f"must have {name}, or {file}")
