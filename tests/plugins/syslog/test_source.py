"""The plugin as a whole."""

import json
import socket
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from tests.plugins.syslog.conftest import KeepingSensor, wait_until
from webfail2ban.testing import check_config
from webfail2ban_syslog import Syslog, SyslogSettings


def test_entry_point_names_the_plugin() -> None:
    """What pyproject.toml says is there."""
    entry = EntryPoint("syslog", "webfail2ban_syslog:Syslog", "webfail2ban")
    assert entry.load() is Syslog
    assert Syslog.Settings is SyslogSettings


def test_hooks_are_known() -> None:
    """Each has the name and the arguments of a specification, or it couldn't be loaded."""
    assert check_config({}, syslog=Syslog).problems == ()


def test_settings_are_checked() -> None:
    """The hook finds what the model can't."""
    settings = SyslogSettings.model_validate({"address": "0.0.0.0:5514"})
    [problem] = Syslog().check_settings(settings)
    assert problem.path == ("allow",)
    assert "anybody banned" in problem.message


def test_start_tells_where(
    start: Callable[..., Syslog], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Each socket is named in the log."""
    caplog.set_level("INFO")
    plugin = start(protocols=["udp", "tcp"], socket=tmp_path / "log")
    assert caplog.messages == [
        f"receiving syslog on udp 127.0.0.1:{plugin.endpoints['udp'].port}",
        f"receiving syslog on tcp 127.0.0.1:{plugin.endpoints['tcp'].port}",
        f"receiving syslog on unix {tmp_path / 'log'}",
    ]


def test_failed_start_leaves_nothing_open(
    start: Callable[..., Syslog], sensor: KeepingSensor, tmp_path: Path
) -> None:
    """What was opened before is closed."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(OSError, match=f"can't receive syslog on tcp {address}"):
            start(address=address, protocols=["udp", "tcp"], socket=tmp_path / "log")
    wait_until(lambda: not len(sensor.greenlets))
    start(address=address)


def test_stop_leaves_only_what_is_kept(
    start: Callable[..., Syslog], sensor: KeepingSensor, tmp_path: Path
) -> None:
    """No greenlet is left or has failed; ports are free once nobody keeps them."""
    plugin = start(protocols=["udp", "tcp"], socket=tmp_path / "log")
    wait_until(lambda: len(sensor.greenlets) == 2)
    plugin.stop_sensor()
    wait_until(lambda: not len(sensor.greenlets))
    assert list(sensor.sockets) == [
        "udp 127.0.0.1:0",
        "tcp 127.0.0.1:0",
        f"unix {tmp_path / 'log'}",
    ]
    for name in tuple(sensor.sockets):
        sensor.keep_socket(name, None)
    start(address=str(plugin.endpoints["udp"]))
    start(address=str(plugin.endpoints["tcp"]), protocols=["tcp"])


def test_tells_how_much_came(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """And what didn't become a line; from the sensor's half to the engine's."""
    plugin = start()
    endpoint = plugin.endpoints["udp"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"<13>hello", (str(endpoint.address), endpoint.port))
        wait_until(lambda: plugin.counters.received)
    plugin.counters.refused += 2
    plugin.counters.crowded += 3
    plugin.counters.lost += 4
    report = json.loads(json.dumps(plugin.report()))
    (source,) = Syslog().status(report).sources
    assert (source.name, source.lines, source.dropped) == ("syslog", 1, 9)
    assert source.last_line == sensor.now()
    assert source.state == (
        f"listens on udp {endpoint}; 2 refused: syslog.allow doesn't name their senders; "
        "3 turned away: syslog.max_connections were open"
    )


def test_tells_nothing_before_the_sensor_has_spoken() -> None:
    """The engine asks from its first moment on."""
    assert Syslog().status(None).sources == ()
