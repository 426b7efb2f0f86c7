"""What the plugins of this package have in common: they hear of bans, and tell receivers."""

import logging
import socket
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import partial
from typing import Any, Generic, TypeVar

from webfail2ban import Ban, Engine, Metric, Status, hookimpl
from webfail2ban_webhook import remembering
from webfail2ban_webhook.channel import Channel, say_farewell
from webfail2ban_webhook.delivery import Messenger
from webfail2ban_webhook.mailbox import Mailbox
from webfail2ban_webhook.message import Message
from webfail2ban_webhook.settings import ChannelSettings

log = logging.getLogger(__name__)

S = TypeVar("S", bound=ChannelSettings)

#: The numbers of a mailbox that Prometheus may read, and what each counts.
COUNTERS = {
    "sent": "Messages that were taken.",
    "failed": "Messages that were refused, or tried for too long.",
    "dropped": "Messages that had to make room, or waited when the program stopped.",
}


class Notifier(ABC, Generic[S]):
    """Tells receivers of bans.

    Attributes:
        mailboxes: What waits for each receiver, by its name; the next plugin takes them over.
    """

    #: The plugin's name, in metrics and for people.
    kind: str

    def __init__(self) -> None:
        self._settings: Mapping[str, S] = {}
        self._channels: dict[str, Channel] = {}
        self._taken_over = False
        self.mailboxes: dict[str, Mailbox] = {}

    @abstractmethod
    def make_messenger(self, settings: S, hostname: str) -> Messenger:
        """Return what hands messages to a receiver.

        Args:
            settings: The receiver's.
            hostname: This machine's name.
        """

    @hookimpl
    def take_over(self, predecessor: Any) -> None:
        """Go on with what waits, and with the counts."""
        self._taken_over = True
        found = getattr(predecessor, "mailboxes", {})
        self.mailboxes = {name: found[name] for name in self._settings if name in found}

    @hookimpl
    def start_engine(self, engine: Engine) -> None:
        """Begin to send, first what an earlier process left."""
        hostname = socket.gethostname()
        for name, settings in self._settings.items():
            messenger = self.make_messenger(settings, hostname)
            mailbox = self.mailboxes.setdefault(name, Mailbox())
            leave = partial(self._leave, engine, name)
            channel = Channel(
                f"{self.kind} {name}", settings, messenger, mailbox, engine.now, leave
            )
            self._channels[name] = channel
        if not self._taken_over:
            self._find_left(engine)
        for channel in self._channels.values():
            engine.spawn(channel.run)

    @hookimpl
    def ban(self, ban: Ban) -> None:
        """Leave a message about a ban."""
        for channel in self._channels.values():
            channel.tell("ban", ban)

    @hookimpl
    def unban(self, ban: Ban) -> None:
        """Leave a message about the end of a ban."""
        for channel in self._channels.values():
            channel.tell("unban", ban)

    @hookimpl
    def status(self) -> Status:
        """Say who doesn't take messages, and how many there were."""
        problems = [channel.find_problem() for channel in self._channels.values()]
        metrics = [
            self._measure(f"{counter}_total", help_, counter) for counter, help_ in COUNTERS.items()
        ]
        waiting = [({"name": name}, float(len(box))) for name, box in self.mailboxes.items()]
        metrics.append(Metric(f"{self.kind}_waiting", "Messages that wait.", waiting))
        return Status(
            problems=[problem for problem in problems if problem is not None], metrics=metrics
        )

    @hookimpl
    def stop_engine(self) -> None:
        """Send what waits if it is taken at once; leave it to the next plugin if there is one."""
        say_farewell(self._channels.values())

    @staticmethod
    def _leave(engine: Engine, name: str, number: int, message: Message, until: float) -> None:
        engine.keep(remembering.make_key(name, number), remembering.write(message), until)

    def _find_left(self, engine: Engine) -> None:
        """Take what an earlier process left, in its order; it is kept no longer."""
        for key, text in list(engine.kept()):
            engine.keep(key, None)
            mailbox = self.mailboxes.get(remembering.receiver_of(key))
            if mailbox is None:
                continue
            try:
                mailbox.put(remembering.read(text))
            except ValueError:
                log.warning("%s: a message that was kept can't be read", self.kind)

    def _measure(self, name: str, help_: str, counter: str) -> Metric:
        samples = [
            ({"name": receiver}, float(getattr(box, counter)))
            for receiver, box in self.mailboxes.items()
        ]
        return Metric(f"{self.kind}_{name}", help_, samples)
