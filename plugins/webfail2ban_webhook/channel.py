"""One receiver: which messages it gets, how fast, and what is done when it fails."""

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from fnmatch import fnmatchcase
from secrets import SystemRandom

import gevent
from gevent import Timeout

from webfail2ban import Ban, show_duration
from webfail2ban_webhook.delivery import DeliveryError, Messenger, RefusedError
from webfail2ban_webhook.mailbox import Mailbox, Trouble
from webfail2ban_webhook.message import Event, Message
from webfail2ban_webhook.settings import ChannelSettings

log = logging.getLogger(__name__)

#: Messages in one go: services limit the size of a request.
MOST_GATHERED = 50

#: Seconds for what waits when the program stops, or a reload leaves the receiver out. Receivers
#: take less; a reload has a second for all plugins that it stops.
FAREWELL = 0.8

#: The share of a pause that is left to chance, so that many senders don't return at once.
JITTER = 0.5

#: For so many seconds it is said that messages were refused or dropped; in the log it is said no
#: more often.
FRESH = 600.0

#: Doublings of a pause; any longest pause is reached long before.
MAX_DOUBLINGS = 30

#: A float from 0 to 1, each time another.
chance: Callable[[], float] = SystemRandom().random


class Channel:
    """Sends what waits in a mailbox.

    Args:
        name: As the configuration names it, behind the plugin's name, for people.
        settings: What to send, and how fast.
        messenger: Hands it over.
        mailbox: Holds what waits.
        now: The clock, in seconds since the epoch.
        leave: Takes what waits at the end, each with its number and with when it is given up.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is somebody else's
        self,
        name: str,
        settings: ChannelSettings,
        messenger: Messenger,
        mailbox: Mailbox,
        now: Callable[[], float],
        leave: Callable[[int, Message, float], object],
    ) -> None:
        self._name = name
        self._settings = settings
        self._messenger = messenger
        self._now = now
        self._leave = leave
        self._keeps_lines = "lines" in messenger.fields
        self._failures = 0
        self.mailbox = mailbox
        mailbox.limit = settings.queue
        mailbox.holders += 1

    def tell(self, event: Event, ban: Ban) -> None:
        """Put a message into the mailbox, if it is one for this receiver. Never waits."""
        if event not in self._settings.events or not self._wants(ban.jail):
            return
        if ban.lines and not self._keeps_lines:
            ban = replace(ban, lines=())
        self.mailbox.put(Message(event, ban, self._now()))

    def _wants(self, jail: str) -> bool:
        return any(fnmatchcase(jail, pattern) for pattern in self._settings.jails)

    def run(self) -> None:
        """Send what comes, for ever; not beside the one that this replaces."""
        with self.mailbox.turn:
            while True:
                self.mailbox.wait()
                if self._settings.gather and not self._failures:
                    gevent.sleep(self._settings.gather)
                gevent.sleep(self.attempt())

    def attempt(self) -> float:
        """Send the oldest messages; return for how many seconds to pause."""
        settings, mailbox = self._settings, self.mailbox
        given_up = mailbox.expire(self._now() - settings.retry_for)
        if given_up:
            log.warning("%s: %d messages are given up: nobody took them", self._name, given_up)
        batch = mailbox.take(MOST_GATHERED if settings.gather else 1)
        if not batch:
            return 0.0
        try:
            self._messenger.send(batch)
        except RefusedError as error:
            mailbox.settle(batch)
            mailbox.failed += len(batch)
            self._succeed()  # it is there, and it answers
            self._remember_refusal(error)
            return 1 / settings.rate
        except DeliveryError as error:
            mailbox.put_back(batch, self._now())
            return self._fail(error)
        except BaseException:
            mailbox.put_back(batch, self._now())
            raise
        mailbox.settle(batch)
        mailbox.sent += len(batch)
        self._succeed()
        return 1 / settings.rate

    def farewell(self) -> None:
        """Send what waits and nobody else will send, as long as it is taken at once."""
        if self.mailbox.holders > 1:
            return
        with Timeout(FAREWELL, False):
            while len(self.mailbox):
                self.attempt()
                if self.mailbox.trouble is not None:
                    return

    def close(self) -> None:
        """Let go of everything; leave what waits to the next start, and say so."""
        self._messenger.close()
        self.mailbox.holders -= 1
        left = () if self.mailbox.holders else self.mailbox.clear()
        for number, message in enumerate(left):
            self._leave(number, message, message.time + self._settings.retry_for)
        if left:
            log.warning("%s: %d messages wait for the next start", self._name, len(left))

    def find_problem(self) -> str | None:
        """Say in one sentence what is wrong; None if nothing is."""
        box = self.mailbox
        if box.trouble is not None:
            lasted = show_duration(max(round(self._now() - box.trouble.since), 0))
            return (
                f"{self._name}: {self._messenger.where} has failed for {lasted}: "
                f"{box.trouble.words}; {len(box)} messages wait, {box.dropped} were dropped"
            )
        if box.refusal is not None and 0 <= self._now() - box.refusal.since < FRESH:
            return (
                f"{self._name}: {self._messenger.where} refuses messages: {box.refusal.words}; "
                f"{box.failed} were lost"
            )
        if box.dropped_at is not None and 0 <= self._now() - box.dropped_at < FRESH:
            return (
                f"{self._name}: there is more to tell than may be sent to {self._messenger.where}: "
                f"{box.dropped} messages were dropped; raise rate or queue, or gather them"
            )
        return None

    def _fail(self, error: DeliveryError) -> float:
        """Remember a failure; return for how many seconds to pause."""
        settings, trouble = self._settings, self.mailbox.trouble
        if trouble is None:
            log.warning(
                "%s: %s: %s; it is tried again for %s",
                self._name,
                self._messenger.where,
                error.words,
                show_duration(settings.retry_for),
            )
        since = trouble.since if trouble is not None else self._now()
        self.mailbox.trouble = Trouble(since, error.words)
        pause = settings.retry_pause * 2.0 ** min(self._failures, MAX_DOUBLINGS)
        pause = min(pause, settings.retry_longest) * (1 - JITTER * chance())
        self._failures += 1
        return min(max(pause, error.retry_after or 0.0), settings.retry_longest)

    def _succeed(self) -> None:
        self._failures = 0
        trouble, self.mailbox.trouble = self.mailbox.trouble, None
        if trouble is not None:
            lasted = show_duration(max(round(self._now() - trouble.since), 0))
            log.info(
                "%s: %s takes messages again, after %s; %d wait",
                self._name,
                self._messenger.where,
                lasted,
                len(self.mailbox),
            )

    def _remember_refusal(self, error: RefusedError) -> None:
        now, last = self._now(), self.mailbox.refusal
        self.mailbox.refusal = Trouble(now, error.words)
        if last is None or not 0 <= now - last.since < FRESH:
            where = self._messenger.where
            log.warning("%s: %s refuses a message: %s", self._name, where, error.words)


def say_farewell(channels: Collection[Channel]) -> None:
    """End channels: send what waits in them, side by side, and leave the rest."""
    greenlets = [gevent.spawn(channel.farewell) for channel in channels]
    try:
        gevent.joinall(greenlets)
    finally:
        gevent.killall(greenlets, block=False)
        for channel in channels:
            channel.close()
