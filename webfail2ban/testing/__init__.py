"""For tests, ours and plugin authors': everything that it takes to see what a plugin does.

`EngineBox` is the real engine with the plugins under test, on a `Clock` to turn: log lines in,
verdicts out; what it refuses is a `ConfigurationError` or a `PluginError`, as it would be at a
start. `check_config` says what ``webfail2ban check-config`` would, and `find_problems` what an
operator is told of how plugins stand. `FakeEngine` and `FakeSensor`
are what one hook of one plugin is handed, where all the rest would be in the way. `SpopClient` asks
a running program as HAProxy does.

The names here are public. With pytest come fixtures: see `webfail2ban.pytest_plugin`. Nothing here
is imported by the running program.
"""

from webfail2ban.errors import ConfigurationError, PluginError
from webfail2ban.testing.box import EngineBox
from webfail2ban.testing.checking import check_config
from webfail2ban.testing.client import PATIENCE, SpopClient
from webfail2ban.testing.clock import NOON, Clock
from webfail2ban.testing.fakes import FakeEngine, FakeHost, FakeSensor
from webfail2ban.testing.standing import find_problems

__all__ = [
    "NOON",
    "PATIENCE",
    "Clock",
    "ConfigurationError",
    "EngineBox",
    "FakeEngine",
    "FakeHost",
    "FakeSensor",
    "PluginError",
    "SpopClient",
    "check_config",
    "find_problems",
]
