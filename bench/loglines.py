"""A server's log, generated: mail, web and ssh as they write it, with as many failures as wanted.

Every line is of a form that Debian's dovecot, postfix, sshd, nginx and cron write: those of
`ordinary.lines` tell no failure, those of `failures.lines` do. Who and when is drawn by a seed, so
the same arguments always make the same log. Addresses are of the ranges for benchmarks (RFC 2544)
and documentation (RFC 3849).
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from string import ascii_letters, digits

#: How many lines a busy server writes in a second.
LINES_PER_SECOND = 400

#: Everybody whose name occurs, and where mail goes to.
USERS = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy")
GUESSES = ("root", "admin", "test", "oracle", "postgres", "info", "office", "support", "ubuntu")
DOMAIN = "example.com"

#: The first process's number.
FIRST_PID = 300

#: Every how many clients have an IPv6 address.
IPV6_SHARE = 8


@dataclass(frozen=True, slots=True)
class Workload:
    """What a log holds.

    Attributes:
        name: What the table calls it.
        lines: How many lines.
        failures: The share of lines that tell a failure, 0 to 1.
        addresses: How many clients fail.
        seed: Draws everything else.
    """

    name: str
    lines: int = 200_000
    failures: float = 0.05
    addresses: int = 2000
    seed: int = 1


ORDINARY = Workload("ordinary")
FLOOD = Workload("flood", failures=0.7)

LETTERS = ascii_letters + digits


def write_log(path: Path, workload: Workload, ends: float) -> None:
    """Write a log whose last line was written at a time, in seconds since the epoch."""
    path.write_text("".join(line + "\n" for line in generate(workload, ends)), "utf-8")


def generate(workload: Workload, ends: float) -> Iterator[str]:
    """Yield a log's lines."""
    random = Random(workload.seed)  # noqa: S311 - the same log each time
    addresses = [_address(number) for number in range(workload.addresses)]
    clients = [_address(number) for number in range(workload.addresses, workload.addresses + 500)]
    ordinary, failures = read_forms("ordinary"), read_forms("failures")
    begins = ends - workload.lines / LINES_PER_SECOND
    for number in range(workload.lines):
        now = time.localtime(begins + number / LINES_PER_SECOND)
        failed = random.random() < workload.failures
        program, message = random.choice(failures if failed else ordinary)
        address = random.choice(addresses if failed else clients)
        yield _begin(program, now, FIRST_PID + number) + _fill(message, random, address)


def read_forms(name: str) -> Sequence[tuple[str, str]]:
    """Read the programs and messages of a file beside this one."""
    text = Path(__file__).with_name(f"{name}.lines").read_text("utf-8")
    parts = [line.partition(": ") for line in text.splitlines()]
    return [(program, message) for program, _, message in parts]


def _begin(program: str, now: time.struct_time, pid: int) -> str:
    """Write what stands in front of a message: nginx has a log and a form of its own.

    Each line is of another process, so that connections aren't mixed up.
    """
    if program.startswith("nginx"):
        level = program.removeprefix("nginx ")
        return time.strftime(f"%Y/%m/%d %H:%M:%S [{level}] {pid}#{pid}: *{pid} ", now)
    tag = program if program == "dovecot" else f"{program}[{pid}]"
    return time.strftime(f"%b %e %H:%M:%S mx1 {tag}: ", now)


def _fill(message: str, random: Random, address: str) -> str:
    return message.format(
        address=address,
        domain=DOMAIN,
        user=random.choice(USERS),
        guess=random.choice(GUESSES),
        number=random.randint(1, 90_000),
        port=random.randint(1024, 65_535),
        queue="".join(random.choices(digits + "ABCDEF", k=11)),
        session="".join(random.choices(LETTERS, k=16)),
        key="".join(random.choices(LETTERS, k=43)),
    )


def _address(number: int) -> str:
    if number % IPV6_SHARE == 0:
        return f"2001:db8:{number:x}::{number % 7 + 1:x}"
    return f"198.{18 + number % 2}.{number // 250 % 250}.{number % 250 + 1}"
