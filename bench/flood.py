"""webfail2ban as it runs, but for failures that come from nowhere: how many bans a second it takes.

    python -m bench.flood CONFIG RATE COUNTS

Failures go to the jails the way the sensor's go, each of another address, some at a time with
verdicts in between. How many bans are in force is written into the file COUNTS, ten times a second.
"""

import sys
import time
from ipaddress import IPv4Address
from pathlib import Path

from gevent import monkey

monkey.patch_all()

import gevent  # noqa: E402 - after the patch, as the program itself does it

from webfail2ban import logs  # noqa: E402
from webfail2ban.commands.loading import load_configuration  # noqa: E402
from webfail2ban.daemon import Daemon  # noqa: E402
from webfail2ban.drafts import make_failure  # noqa: E402
from webfail2ban.engine import Engine  # noqa: E402
from webfail2ban.model import Failure  # noqa: E402
from webfail2ban.sensor.counting import SLICE  # noqa: E402
from webfail2ban.turns import give_way  # noqa: E402

#: The first address that fails; the generator's clients are others.
FIRST = IPv4Address("100.64.0.0")

#: Coprime to the number of addresses, so that neighbours don't come one after the other.
STEP = 2_654_435_761


def flood(engine: Engine, rate: float) -> None:
    """Let addresses fail, so many a second."""
    began, sent = time.monotonic(), 0
    while True:
        while sent < (time.monotonic() - began) * rate:
            numbers = range(sent, sent + SLICE)
            engine.count_failures([fail(number) for number in numbers])
            sent += SLICE
            give_way()
        gevent.sleep(0.001)


def fail(number: int) -> Failure:
    """Return a failure as the sensor's pipe brings it."""
    address = IPv4Address(int(FIRST) + number * STEP % 2**26)
    text = f"Nov 21 10:00:00 mail dovecot: auth failed, method=PLAIN, rip={address}"
    return make_failure("flood", address, time.time(), 1, (text,), {"user": "info"})


def report(engine: Engine, counts: Path) -> None:
    """Write down how many bans are in force."""
    with counts.open("w") as file:
        while True:
            lag = engine.keeper.collector.lag
            file.write(f"{time.monotonic()} {len(engine.bans)} {lag}\n")
            file.flush()
            gevent.sleep(0.1)


def main(config: str, rate: str, counts: str) -> None:
    """Run until SIGTERM."""
    configuration, plugins = load_configuration(Path(config))
    logs.configure(configuration.engine.log, process="engine")
    daemon = Daemon(configuration, plugins)
    gevent.spawn_later(1.0, report, daemon.engine, Path(counts))
    if float(rate):
        gevent.spawn_later(3.0, flood, daemon.engine, float(rate))
    daemon.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
