"""The plugin ``apprise``: mail, chats and what else Apprise can tell.

Apprise and what it is made of wait in threads, so it gets some of its own: none of the engine's
may be lost to a mail server that hangs.
"""

import logging
from collections.abc import Iterator, Sequence
from threading import get_ident

import apprise
import gevent
from gevent import Timeout
from gevent.threadpool import ThreadPool

from webfail2ban import Json, SettingsProblem, hookimpl, show_duration
from webfail2ban_webhook import template
from webfail2ban_webhook.checks import find_service_problems
from webfail2ban_webhook.credentials import read_secret
from webfail2ban_webhook.delivery import DeliveryError, Messenger
from webfail2ban_webhook.message import Message
from webfail2ban_webhook.notifier import Notifier
from webfail2ban_webhook.rendering import render
from webfail2ban_webhook.settings import ServiceSettings, ServicesSettings

TEXT = apprise.NotifyFormat.TEXT

#: Threads for one service: one that hangs leaves another for the next attempt.
THREADS = 2

#: Characters of an explanation that are shown.
SHOWN = 200

#: Apprise's own log, which names services and what they answer.
NOISE = logging.getLogger("apprise")


class Service(Notifier[ServiceSettings]):
    """Tells Apprise's services of bans."""

    Settings = ServicesSettings
    kind = "apprise"

    @hookimpl
    def configure(self, settings: ServicesSettings) -> None:
        """Keep the settings."""
        self._settings = settings.root
        NOISE.propagate = False  # what matters is said here, once

    @hookimpl
    def check_settings(self, settings: ServicesSettings) -> Iterator[SettingsProblem]:
        """Have Apprise read the URLs."""
        for name, service in settings.root.items():
            problems = list(find_service_problems(name, service))
            yield from problems
            key = "url" if service.url is not None else "url_file"
            if not problems and not apprise.Apprise().add(reveal_url(service)):
                said = "must be a URL that Apprise knows, such as mailto://user:password@host"
                yield SettingsProblem((name, key), said)

    def make_messenger(self, settings: ServiceSettings, hostname: str) -> Messenger:
        """Return what tells one service."""
        return TextMessenger(settings, hostname)


class TextMessenger:
    """Hands messages to one of Apprise's services, as text.

    Args:
        settings: The service's.
        hostname: This machine's name.

    Attributes:
        where: The kind of service.
        fields: The fields of a message that its text holds.
    """

    def __init__(self, settings: ServiceSettings, hostname: str) -> None:
        self._settings = settings
        self._hostname = hostname
        self._threads = ThreadPool(THREADS)
        url = settings.url.get_secret_value() if settings.url is not None else ""
        self.where = f"{url.partition('://')[0]}://..." if url else "its URL"
        self.fields = frozenset(template.find_fields(settings.text))

    def send(self, messages: Sequence[Message]) -> None:
        """Tell the service of messages, in one go.

        Raises:
            DeliveryError: it wasn't reached.
        """
        title, text = self.make_text(messages)
        limit = self._settings.timeout
        with Timeout(limit, DeliveryError(f"no answer within {show_duration(limit)}")):
            words = self._threads.apply(notify, (self._settings, title, text))
        if words:
            raise DeliveryError(words)

    def close(self) -> None:
        """Let the threads end, without waiting for one that hangs."""
        gevent.spawn(self._threads.kill)

    def make_text(self, messages: Sequence[Message]) -> tuple[str, str]:
        """Return the title and the text for messages."""
        group: dict[str, Json] = {"number": len(messages), "hostname": self._hostname}
        lines = map(template.show, render(self._settings.text, messages, self._hostname))
        return template.fill_text(self._settings.title, group), "\n".join(lines)


def notify(settings: ServiceSettings, title: str, text: str) -> str:
    """Tell a service, in a thread; return what is wrong, or nothing.

    The service itself is asked: `apprise.Apprise` would hand it to threads of its own, and Python
    waits for those before it ends.
    """
    try:
        url = reveal_url(settings)
    except (OSError, ValueError) as error:
        return f"{settings.url_file} can't be used: {error}"
    service = apprise.Apprise.instantiate(url)
    if service is None:
        return "Apprise doesn't know this URL"
    listener = Listener()
    NOISE.addHandler(listener)
    try:
        # As text: where the service takes markup, what a client wrote becomes harmless.
        taken = service.notify(body=text, title=title, body_format=TEXT)
    finally:
        NOISE.removeHandler(listener)
    return "" if taken else listener.first or "it didn't take the message"


class Listener(logging.Handler):
    """Hears what Apprise warns of in this thread.

    Attributes:
        first: Its first warning; empty for none. Its warnings hold no secrets.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = get_ident()
        self.first = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first warning."""
        if record.thread == self._thread and not self.first:
            self.first = record.getMessage()[:SHOWN]


def reveal_url(settings: ServiceSettings) -> str:
    """Return the URL with what is secret in it.

    Raises:
        OSError: its file can't be read.
        ValueError: there is none in it.
    """
    if settings.url is not None:
        return settings.url.get_secret_value()
    assert settings.url_file is not None  # noqa: S101 - the model demands one of both
    return read_secret(settings.url_file)
