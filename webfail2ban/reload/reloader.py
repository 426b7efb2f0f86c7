"""One reload, from the file to the running program."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import gevent

from webfail2ban.config import Configuration
from webfail2ban.errors import WebFail2BanError
from webfail2ban.hosting.discovery import discover
from webfail2ban.hosting.loader import Plugins, load
from webfail2ban.hosting.settings import configure
from webfail2ban.reload.differences import compare, keep_fixed
from webfail2ban.reload.rehearsal import rehearse, sensor_settings
from webfail2ban.reload.result import ReloadResult
from webfail2ban.sensor.supervisor import Supervisor

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration with its plugins, configured.

    Attributes:
        configuration: As it holds: what only a restart can change has its old value.
        plugins: The plugins.
    """

    configuration: Configuration
    plugins: Plugins


class Reloader:
    """Loads the configuration anew.

    Args:
        loaded: What runs now.
        supervisor: Has the sensor.
        install: Puts a configuration to work in the engine; raises what prevents it.

    Attributes:
        loaded: What runs now.
    """

    def __init__(
        self, loaded: Loaded, supervisor: Supervisor, install: Callable[[Loaded], object]
    ) -> None:
        self.loaded = loaded
        self._supervisor = supervisor
        self._install = install
        self._warned: set[str] = set()

    def reload(self) -> ReloadResult:
        """Check the configuration, and have engine and sensor change to it if it is good.

        Nothing has changed unless the result is `ok`. Everything is said in the log, too.
        """
        began = time.monotonic()
        path = self.loaded.configuration.path
        log.info("reload: checking %s", path)
        result = self._reload(path) if path else ReloadResult.failed("there is no file to load")
        result = result.after(time.monotonic() - began)
        self._log(result)
        return result

    def _reload(self, path: Path) -> ReloadResult:
        try:
            rehearsal = rehearse(path)
            if rehearsal.settings is None:
                return ReloadResult.failed(*rehearsal.problems)
            written, plugins = _load(rehearsal.settings)
            result = compare(self.loaded.configuration, written)
            engine = keep_fixed(self.loaded.configuration.engine, written.engine)
            new = Loaded(replace(written, engine=engine), plugins)
            configure(plugins, new.configuration)
            grace = self.loaded.configuration.engine.grace
            self._supervisor.replace(sensor_settings(written), partial(self._change, new), grace)
        except (WebFail2BanError, OSError) as error:
            return ReloadResult.failed(*str(error).splitlines())
        return replace(result, warnings=rehearsal.warnings)

    def _change(self, new: Loaded) -> None:
        self._install(new)
        self.loaded = new

    def _log(self, result: ReloadResult) -> None:
        for warning in result.warnings:
            if warning not in self._warned:
                log.warning("%s", warning)
        if result.ok:
            self._warned = set(result.warnings)
        for setting in result.needs_restart:
            log.warning("%s has changed: that takes a restart", setting)
        for problem in result.problems:
            log.error("reload: %s", problem)
        log.log(
            logging.INFO if result.ok else logging.ERROR,
            "reload: %s; took %.2f s",
            result,
            result.seconds,
        )


def _load(settings: dict[str, Any]) -> tuple[Configuration, Plugins]:
    """Load what the rehearsal found to be good.

    The slow halves are done in a thread: verdicts are given meanwhile.

    Raises:
        WebFail2BanError: it isn't good any more.
    """
    threads = gevent.get_hub().threadpool
    directories = [Path(directory) for directory in settings["plugin_dirs"]]
    found = threads.apply(discover, (directories,))
    plugins = load(settings["plugins"], directories, found)
    written: Configuration = threads.apply(
        Configuration.restore, (settings["configuration"], plugins.models)
    )
    return written, plugins
