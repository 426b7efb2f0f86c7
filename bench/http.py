"""Verdicts a second over HTTP, beside nginx answering 200 to everybody.

    python -m bench.http [--rounds 3] [--seconds 2] [--connections 8] [--same] [--unix] [--json]

webfail2ban's HTTP endpoint and nginx (one process, `return 200`) run on loopback, one after the
other, round by round; the load generator asks as proxies do, over kept connections. Every status is
checked. README.md tells how to read the table. The exit status is 1 if any answer was wrong or
missing, or if the goal was not reached.
"""

import argparse
import http.client
import json
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from bench.clients import Clients, write
from bench.generator import Load, Tools, build_one
from bench.processes import describe_machine
from bench.rounds import Contestant, Results, play
from bench.servers import ROOT, Place, Server, free_port, module, running, use_two_cores

NGINX, ENGINE = "nginx, return 200", "webfail2ban"

#: Verdicts a second that one core has to give.
GOAL = 10_000

#: Where systems put nginx, whatever the user's PATH is.
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin"

NGINX_CONF = """\
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen {address};
        location / {{ return 200; }}
    }}
}}
"""

#: Bans in one request to the API.
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A server: medians of its rounds, microseconds, cores.

    Attributes:
        a_core: Requests a second, divided by the cores that the server used.
        faults: Wrong, missing and broken answers of all rounds.
    """

    server: str
    rate: float
    cores: float
    a_core: float
    p50: float
    p99: float
    p999: float
    faults: int


def main() -> int:
    """Measure and print; returns the exit status."""
    options = parse_arguments()
    use_two_cores()
    directory = ROOT / ".cache" / "bench"
    tools = Tools(build_one(directory, "http_load"), directory)
    unique = () if options.same else ("-u",)
    load = Load(options.outstanding, options.connections, options.seconds, options=unique)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
        place = Place(Path(folder), unix=options.unix)
        contestants = [
            Contestant(NGINX, stack.enter_context(running_nginx(place))),
            Contestant(ENGINE, stack.enter_context(running_webfail2ban(place))),
        ]
        results = play(contestants, tools, [load], options.rounds, say)
    rows = [make_row(results, contestant.name, load.outstanding) for contestant in contestants]
    show(rows, as_json=options.json)
    reached = all(row.a_core >= GOAL for row in rows if row.server == ENGINE)
    return int(not reached or any(row.faults for row in rows))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="HTTP verdicts a second and their latency.")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median counts")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--outstanding", type=int, default=1, help="requests on each of them")
    parser.add_argument("--same", action="store_true", help="a client asks in the same bytes again")
    parser.add_argument("--unix", action="store_true", help="unix sockets instead of TCP")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    return parser.parse_args()


@contextmanager
def running_nginx(place: Place) -> Iterator[Server]:
    """Run nginx while the context lasts; it bans nobody.

    Raises:
        FileNotFoundError: it isn't installed.
    """
    program = shutil.which("nginx", path=SYSTEM_PATH)
    if program is None:
        raise FileNotFoundError("there is no nginx: apt-get install nginx")
    address = place.address("nginx")
    listen = f"unix:{address}" if "/" in address else address
    config = place.directory / "nginx.conf"
    config.write_text(NGINX_CONF.format(directory=place.directory, address=listen), "utf-8")
    nobody = write(place.directory / "nobody", clients().expect_none())
    command: list[str | Path] = [program, "-p", place.directory, "-c", config]
    with running(command, address, nobody, place.log("nginx")) as server:
        yield server


@contextmanager
def running_webfail2ban(place: Place) -> Iterator[Server]:
    """Run webfail2ban while the context lasts, with a tenth of the clients banned."""
    address, api = place.address("webfail2ban"), place.directory / "api.sock"
    host, _, port = address.rpartition(":")
    document = {
        "plugins": ["whitelist", "jails"],
        "log": {"level": "warning"},
        "spoa": {"port": free_port()},
        "http": {"address": address} if "/" in address else {"address": host, "port": int(port)},
        "api": {"socket": str(api)},
        "store": {"path": str(place.directory / "store.sqlite3")},
    }
    config = place.directory / "config.yaml"
    config.write_text(json.dumps(document), "utf-8")  # JSON is YAML
    bans = write(place.directory / "bans", clients().expect_bans())
    command = module("webfail2ban", "run", "--config", config)
    with running(command, address, bans, place.log("webfail2ban")) as server:
        ban(api, clients().banned)
        yield server


def clients() -> Clients:
    """Return who is asked about: few enough to be known before the first round."""
    return Clients.make(2000, ipv6=False)


def ban(api: Path, addresses: Sequence[str]) -> None:
    """Ban addresses for longer than anything here takes."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(api))
    for at in range(0, len(addresses), BATCH):
        bans = [{"network": one, "duration": 86400} for one in addresses[at : at + BATCH]]
        body = json.dumps({"bans": bans})
        connection.request("POST", "/v1/bans", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        said = response.read()
        if response.status != http.client.OK:
            raise RuntimeError(f"{response.status} {said[:200]!r}")
    connection.close()


def make_row(results: Results, name: str, outstanding: int) -> Row:
    """Return the medians of a contestant's rounds."""
    rounds = results.of(name, outstanding)
    rounds = [one for one in rounds if one.quiet] or rounds

    def middle(figure: str) -> float:
        return results.median(name, outstanding, figure)

    return Row(
        server=name,
        rate=middle("rate"),
        cores=middle("shares.server"),
        a_core=median(one.rate / one.shares.server for one in rounds),
        p50=middle("p50"),
        p99=middle("p99"),
        p999=middle("p999"),
        faults=sum(one.faults for one in results.of(name, outstanding)),
    )


def show(rows: Sequence[Row], *, as_json: bool) -> None:
    """Print everything."""
    if as_json:
        print(json.dumps({"machine": describe_machine(), "rows": [asdict(row) for row in rows]}))
        return
    print(f"{describe_machine()}\npython -m bench.http {' '.join(sys.argv[1:])}\n")
    print("| server | requests/s | cores | a core | p50 µs | p99 µs | p99.9 µs | faults |")
    print("| :-- | --: | --: | --: | --: | --: | --: | --: |")
    for row in rows:
        print(
            f"| {row.server} | {row.rate:,.0f} | {row.cores:.2f} | {row.a_core:,.0f} "
            f"| {row.p50:,.0f} | {row.p99:,.0f} | {row.p999:,.0f} | {row.faults} |"
        )


def say(line: str) -> None:
    """Show progress, away from the results."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
