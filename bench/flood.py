"""webfail2ban as it runs, but for failures that no sensor found: how many bans a second it takes.

    python -m bench.flood CONFIG RATE MESSAGES COUNTS

What the sensor's pipe would bring is read from the file MESSAGES, which `bench.messages` writes,
and taken as the supervisor takes it, verdicts in between. How many bans are in force is written
into the file COUNTS, ten times a second.
"""

import json
import logging
import sys
import time
from pathlib import Path

from gevent import monkey

monkey.patch_all()

import gevent  # noqa: E402 - after the patch, as the program itself does it

from bench.messages import BLOCK  # noqa: E402
from webfail2ban import logs  # noqa: E402
from webfail2ban.commands.loading import load_configuration  # noqa: E402
from webfail2ban.daemon import Daemon  # noqa: E402
from webfail2ban.engine import Engine  # noqa: E402
from webfail2ban.sensor.counting import count_packed  # noqa: E402


def flood(engine: Engine, rate: float, messages: Path) -> None:
    """Take messages, with so many failures a second."""
    began, sent = time.monotonic(), 0
    with messages.open("rb") as lines:
        for line in lines:
            while sent > (time.monotonic() - began) * rate:
                gevent.sleep(0.001)
            message = json.loads(line)
            with engine.keeper.whole():
                count_packed(message["failures"], engine.count_failures)
                for source, position in message["positions"].items():
                    engine.keeper.keep_position(source, position)
            sent += BLOCK
    logging.getLogger(__name__).error("the flood is over: its messages were too few")


def report(engine: Engine, counts: Path) -> None:
    """Write down how many bans are in force."""
    with counts.open("w") as file:
        while True:
            lag = engine.keeper.collector.lag
            file.write(f"{time.monotonic()} {len(engine.bans)} {lag}\n")
            file.flush()
            gevent.sleep(0.1)


def main(config: str, rate: str, messages: str, counts: str) -> None:
    """Run until SIGTERM."""
    configuration, plugins = load_configuration(Path(config))
    logs.configure(configuration.engine.log, process="engine")
    daemon = Daemon(configuration, plugins)
    gevent.spawn_later(1.0, report, daemon.engine, Path(counts))
    if float(rate):
        gevent.spawn_later(3.0, flood, daemon.engine, float(rate), Path(messages))
    daemon.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
