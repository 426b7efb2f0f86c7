"""The plugin ``webhook``: JSON for web services."""

import json
from collections.abc import Iterator, Sequence

from webfail2ban import Json, SettingsProblem, hookimpl
from webfail2ban_webhook import template
from webfail2ban_webhook.checks import find_problems
from webfail2ban_webhook.delivery import Messenger
from webfail2ban_webhook.endpoint import Endpoint
from webfail2ban_webhook.message import Message
from webfail2ban_webhook.notifier import Notifier
from webfail2ban_webhook.rendering import render
from webfail2ban_webhook.settings import WebhookSettings, WebhooksSettings


class Webhook(Notifier[WebhookSettings]):
    """Tells web services of bans."""

    Settings = WebhooksSettings
    kind = "webhook"

    @hookimpl
    def configure(self, settings: WebhooksSettings) -> None:
        """Keep the settings."""
        self._settings = settings.root

    @hookimpl
    def check_settings(self, settings: WebhooksSettings) -> Iterator[SettingsProblem]:
        """Look at the files, and at secrets that others could read on the way."""
        for name, webhook in settings.root.items():
            yield from find_problems(name, webhook)

    def make_messenger(self, settings: WebhookSettings, hostname: str) -> Messenger:
        """Return what sends JSON to a URL."""
        return JsonMessenger(settings, hostname)


class JsonMessenger:
    """Hands messages to a web service, as JSON.

    Args:
        settings: The webhook's.
        hostname: This machine's name.

    Attributes:
        fields: The fields of a message that its body holds.
    """

    def __init__(self, settings: WebhookSettings, hostname: str) -> None:
        self._settings = settings
        self._hostname = hostname
        self._endpoint = Endpoint(settings)
        self.fields = frozenset(template.find_fields(settings.message_template))

    @property
    def where(self) -> str:
        """The URL, as far as it is shown."""
        return self._endpoint.where

    def send(self, messages: Sequence[Message]) -> None:
        """Send messages with one request.

        Raises:
            DeliveryError: they weren't taken.
        """
        body = self.make_body(messages)
        self._endpoint.send(json.dumps(body, allow_nan=False, separators=(",", ":")).encode())

    def close(self) -> None:
        """End the connection."""
        self._endpoint.close()

    def make_body(self, messages: Sequence[Message]) -> Json:
        """Return what is sent of messages."""
        bodies = render(self._settings.message_template, messages, self._hostname)
        if not self._settings.gather:
            return bodies[0]
        return template.fill(
            self._settings.envelope,
            {
                "messages": bodies,
                "text": "\n".join(map(_show_body, bodies)),
                "number": len(bodies),
                "hostname": self._hostname,
            },
        )


def _show_body(body: Json) -> str:
    return body if isinstance(body, str) else json.dumps(body)
