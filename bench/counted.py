"""What clients cost that failed once and are only counted, and that their number is bounded.

    python -m bench.counted [--clients 5000000] [--json]

README.md tells how to read it. The exit status is 1 if more were remembered than may be.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from ipaddress import IPv4Address
from pathlib import Path

from gevent import monkey

monkey.patch_all()

from bench.processes import describe_machine, resident_megabytes  # noqa: E402 - after the patch
from webfail2ban.commands.loading import load_configuration  # noqa: E402
from webfail2ban.daemon import Daemon  # noqa: E402
from webfail2ban.drafts import make_failure  # noqa: E402
from webfail2ban.engine import Engine  # noqa: E402
from webfail2ban.hosting.settings import configure  # noqa: E402
from webfail2ban.model import Failure  # noqa: E402

#: Coprime to the number of addresses, so that neighbours don't come one after the other.
STEP = 2_654_435_761

#: Failures that are counted in one call.
GROUP = 100


def make_engine(directory: Path, clients: int) -> Engine:
    """Return an engine with one jail that remembers so many clients, and no store."""
    jail = {"failregex": ["^x <HOST>$"], "maxretry": 5, "max_clients": clients}
    document = {
        "plugins": ["jails"],
        "api": {"socket": "none"},
        "store": {"enabled": False},
        "jails": {"flood": jail},
    }
    path = directory / "config.yaml"
    path.write_text(json.dumps(document), "utf-8")  # JSON is YAML
    configuration, plugins = load_configuration(path)
    configure(plugins, configuration)
    engine = Daemon(configuration, plugins).engine
    engine.start()
    return engine


def fail(number: int) -> Failure:
    """Return a failure of a client that no other number has."""
    address = IPv4Address(number * STEP % 2**32)
    line = f"Nov 21 10:00:00 mail dovecot: auth failed, method=PLAIN, rip={number}"
    return make_failure("flood", address, time.time(), 1, (line,), {"user": "info"})


def count(engine: Engine, begin: int, end: int) -> None:
    """Let clients fail, once each."""
    for start in range(begin, end, GROUP):
        engine.count_failures([fail(number) for number in range(start, min(start + GROUP, end))])


def remembered(engine: Engine) -> int:
    """Return how many clients are counted now."""
    (jails,) = (plugin.implementation for plugin in engine.plugins if plugin.name == "jails")
    return len(jails.jails["flood"].counter)  # type: ignore[attr-defined]


def measure(directory: Path, clients: int) -> dict[str, float]:
    """Count as many clients as are remembered, then as many others, who take their places."""
    engine = make_engine(directory, clients)
    empty = resident_megabytes(os.getpid())
    began = time.process_time()
    count(engine, 0, clients)
    seconds = time.process_time() - began
    full = resident_megabytes(os.getpid())
    count(engine, clients, 2 * clients)
    more = resident_megabytes(os.getpid())
    kept = remembered(engine)
    engine.stop()
    return {
        "clients": clients,
        "remembered": kept,
        "bytes_per_client": (full - empty) * 1e6 / clients,
        "megabytes": full - empty,
        "megabytes_after_others": more - empty,
        "cpu_us_per_failure": seconds * 1e6 / clients,
    }


def main() -> int:
    """Measure and print; returns the exit status."""
    parser = argparse.ArgumentParser(description="What clients cost that are only counted.")
    parser.add_argument("--clients", type=int, default=5_000_000, help="that are remembered")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        results = measure(Path(name), options.clients)
    if options.json:
        print(json.dumps({"machine": describe_machine(), **results}, indent=2))
    else:
        print(f"{describe_machine()}\npython -m bench.counted {' '.join(sys.argv[1:])}")
        for what, figure in results.items():
            print(f"  {what:28} {figure:14,.1f}")
    return int(results["remembered"] > options.clients)


if __name__ == "__main__":
    sys.exit(main())
