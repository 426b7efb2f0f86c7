from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from webfail2ban import Ban, EngineSettings, Failure, LogLine, parse_address
from webfail2ban.testing import Clock, FakeEngine, FakeSensor
from webfail2ban_jails import Jails, JailsSettings

LINE = "host dovecot: auth failed, method=PLAIN, rip={}"
REGEX = r"^\S+ dovecot: auth failed, .*rip=<HOST>$"


class BanningEngine(FakeEngine):
    """An engine that tells the plugin of bans, and remembers them with their lines."""

    def __init__(self, clock: Clock, plugin: Jails) -> None:
        super().__init__(clock)
        self.plugin = plugin
        self.banned: list[Ban] = []

    def ban(self, ban: Ban) -> bool:
        """Put a ban in force, and write down how it is."""
        added = self.bans.add(ban)
        if added is None:
            return False
        self.banned.append(added)
        self.plugin.ban(added)
        return True


class Rig:
    """Jails with both halves in one process, on a clock to turn.

    Args:
        jails: The section ``jails``.
        predecessor: What ran before a restart: its clock, and what its engine kept.
        sections: The engine's own sections, such as ``filter``.
    """

    def __init__(
        self, jails: dict[str, Any], predecessor: "Rig | None" = None, **sections: Any
    ) -> None:
        self.clock: Clock = predecessor.clock if predecessor else Clock()
        self.plugin = Jails()
        self.engine = BanningEngine(self.clock, self.plugin)
        if predecessor:
            self.engine.bans = predecessor.engine.bans
            self.engine.store = predecessor.engine.store
        self.settings = JailsSettings.model_validate(jails)
        self.engine_settings = EngineSettings.model_validate(sections)
        self.plugin.configure(self.settings, self.engine_settings)
        self.plugin.prepare_sensor(FakeSensor(self.clock))
        self.plugin.start_engine(self.engine)

    def detect(self, *texts: str, **about: Any) -> list[Failure]:
        """Return the failures in lines of the source syslog, said now unless told otherwise."""
        about = {"source": "syslog", "time": self.clock.time, **about}
        return list(self.plugin.detect([LogLine(text, **about) for text in texts]))

    def log(self, *texts: str, **about: Any) -> None:
        """Let lines go all the way."""
        self.plugin.count_failures(self.detect(*texts, **about))

    def fail(self, address: str, times: int = 1) -> None:
        """Let a client fail at dovecot."""
        self.log(*[LINE.format(address)] * times)

    @property
    def bans(self) -> list[Ban]:
        """All bans so far, with their lines."""
        return self.engine.banned

    def reload(self, jails: dict[str, Any]) -> None:
        """Go on with other settings."""
        successor = Jails()
        successor.configure(JailsSettings.model_validate(jails), self.engine_settings)
        successor.prepare_sensor(FakeSensor(self.clock))
        successor.take_over(self.plugin)
        self.plugin = self.engine.plugin = successor
        self.engine.store = {}  # what went over needs no store
        successor.start_engine(self.engine)

    def is_banned(self, address: str) -> bool:
        """Whether a client is banned now."""
        return self.engine.find_ban(parse_address(address)) is not None


@pytest.fixture
def rig() -> Callable[..., Rig]:
    """Make jails: the settings of one called dovecot, or of several."""

    def make(
        dovecot: dict[str, Any] | None = None,
        jails: dict[str, Any] | None = None,
        dirs: tuple[Path, ...] = (),
        line_timeout: str = "10s",
        predecessor: Rig | None = None,
        **sections: Any,
    ) -> Rig:
        one = {"dovecot": {"failregex": [REGEX], "ignoreself": False, **(dovecot or {})}}
        filters = {"dirs": dirs, "line_timeout": line_timeout}
        return Rig(jails or one, predecessor, filter=filters, **sections)

    return make
