"""The hooks that are called in the sensor; `webfail2ban.hooks.hookspecs` tells of the others.

A sensor calls `configure` and `check_settings`, too.
"""

from collections.abc import Iterable, Sequence

from webfail2ban.hooks.interfaces import Sensor
from webfail2ban.hooks.markers import hookspec
from webfail2ban.model import Failure, Json, LogLine


@hookspec
def prepare_sensor(sensor: Sensor) -> None:
    """Get ready to read or to search logs: load and compile whatever takes time.

    Called once, in the sensor, in the order of the configuration, before any `start_sensor`. At a
    reload the old sensor reads on meanwhile: files and sockets are still its own, and positions
    aren't known yet.

    Args:
        sensor: What the plugin may ask of the sensor; keep it.

    If it raises, the sensor ends and is started again after a pause; at the first start the
    program doesn't start, and a reload changes nothing. Example::

        @hookimpl
        def prepare_sensor(self, sensor: Sensor) -> None:
            self.expression = re.compile(self.settings.expression)
    """


@hookspec
def start_sensor(sensor: Sensor) -> None:
    """Begin to read logs.

    Called once, in the sensor, in the order of the configuration, again in each new sensor. When
    it replaces another one, that one has ended and nobody reads until this hook is done: it has
    to be quick.

    Args:
        sensor: What the plugin may ask of the sensor; keep it.

    If it raises, the sensor ends and is started again after a pause; at the first start the
    program doesn't start. Example::

        @hookimpl
        def start_sensor(self, sensor: Sensor) -> None:
            self.sensor = sensor
            sensor.spawn(self.read_queue)
    """


@hookspec(firstresult=True)
def detect(lines: Sequence[LogLine]) -> Iterable[Failure] | None:
    """Find the failures in log lines.

    Called in the sensor for each block of lines that a source emits, of all plugins, in the order
    of the configuration.

    Args:
        lines: In the order of their source. Whoever writes them may be hostile.

    Returns:
        The failures in the order of the lines; None for none.

    If it raises, the block is lost for this plugin only, and the plugin is named in the log.
    Example::

        @hookimpl
        def detect(self, lines: Sequence[LogLine]) -> Iterator[Failure]:
            for line in lines:
                if line.program == "sshd" and line.text.endswith(" from 192.0.2.1"):
                    yield Failure("example", IPv4Address("192.0.2.1"), line.time or 0)
    """


@hookspec(firstresult=True)
def report() -> Json:
    """Say how this plugin's half in the sensor stands.

    Called in the sensor every few seconds, of all plugins, in the order of the configuration.

    Returns:
        Any JSON value, which the engine's half gets with `status`; None for nothing to say.

    If it raises, the plugin is named in the log and the engine keeps the last report. Example::

        @hookimpl
        def report(self) -> Json:
            return {"lines": self.lines}
    """


@hookspec
def stop_sensor() -> None:
    """End reading.

    Called once, in the sensor, in the reverse order of the configuration; not when it is killed.
    If it raises, the others are stopped all the same. Example::

        @hookimpl
        def stop_sensor(self) -> None:
            self.file.close()
    """
