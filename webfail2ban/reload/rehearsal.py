"""A configuration checked completely, in a process that may take its time.

Reading YAML, importing plugins and compiling filters hold Python for as long as they take. So it is
all tried elsewhere first, and what comes back is either every problem there is, or what the engine
and the sensor can be given at once.
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gevent
from gevent import Timeout, subprocess

from webfail2ban.commands.loading import examine_configuration
from webfail2ban.config import Configuration
from webfail2ban.errors import ConfigurationError, WebFail2BanError
from webfail2ban.hosting.settings import configure, judge
from webfail2ban.sensor.child import describe_end

#: Seconds that a check may take; those of all known filters take about two.
LIMIT = 60.0

#: How much the check stands back behind verdicts, as nice(1) counts.
NICENESS = 5


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of a check.

    Attributes:
        problems: Everything that is wrong, one sentence each.
        warnings: What is probably not meant as it is written.
        settings: A configuration without problems: ``plugins``, ``plugin_dirs``, and in
            ``configuration`` all of it, for `Configuration.restore`.
    """

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    settings: dict[str, Any] | None = None


def sensor_settings(configuration: Configuration) -> dict[str, Any]:
    """Return what a sensor is told of a configuration, as JSON values."""
    return {
        "plugins": configuration.engine.plugins,
        "plugin_dirs": [str(directory) for directory in configuration.engine.plugin_dirs],
        "configuration": configuration.dump(),
    }


def rehearse(path: Path, limit: float = LIMIT) -> Rehearsal:
    """Check a configuration in a process of its own, in the same environment.

    Args:
        path: The file.
        limit: Seconds that it may take.

    Raises:
        OSError: there are too many processes, or open files.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "webfail2ban.reload.rehearsal", str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        with Timeout(limit, TimeoutError()):
            said, _ = process.communicate()
    except TimeoutError:
        return Rehearsal((f"the check took longer than {limit:g} s",))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode != 0:
        return Rehearsal((f"the check ended: {describe_end(process.returncode)}",))
    # In a thread: a configuration may be long, and Python changes between threads.
    rehearsal: Rehearsal = gevent.get_hub().threadpool.apply(_read, (said,))
    return rehearsal


def _read(said: bytes) -> Rehearsal:
    told = json.loads(said)
    return Rehearsal(tuple(told["problems"]), tuple(told["warnings"]), told["settings"])


def check(path: Path) -> dict[str, Any]:
    """Check a configuration here, and return what `rehearse` reads.

    What the engine holds on to (users, certificates) isn't looked at: only a restart changes it,
    and that looks; the files may be root's, who we may no longer be.
    """
    warnings: list[str] = []
    try:
        examined, plugins = examine_configuration(path)
        found = judge(plugins, examined)
        warnings += map(str, (*examined.warnings, *found.warnings))
        if found.problems:
            raise ConfigurationError(found.problems)
        configuration = examined.trust()
        configure(plugins, configuration)
    except WebFail2BanError as error:
        return {"problems": str(error).splitlines(), "warnings": warnings, "settings": None}
    settings = sensor_settings(configuration)
    settings["configuration"] = configuration.dump(private=True)
    return {"problems": [], "warnings": warnings, "settings": settings}


def main(path: Path) -> None:
    """Be that process: check, and write the result where nothing else is written."""
    os.nice(NICENESS)
    # A plugin may print something when it is imported.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        json.dump(check(path), out)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
