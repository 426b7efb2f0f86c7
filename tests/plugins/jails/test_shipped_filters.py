"""The filters that we ship: what they find in lines as programs write them, and as attackers do.

The samples are our own, one file for each filter. Whoever changes a filter adds the line that made
him do it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from webfail2ban import Filter, FilterDefinition, read_filter
from webfail2ban_syslog.message import parse

FILTER_DIR = Path(__file__).parents[3] / "plugins" / "webfail2ban_jails" / "filter.d"
SAMPLE_DIR = Path(__file__).parent / "filter.d"

#: The filters' names; a file that begins with ``_`` is a part of others.
NAMES = sorted(path.stem for path in FILTER_DIR.glob("[!_]*.conf"))

#: When the samples with a date in them were written, unless they say so themselves; and now.
STAMP = "2026-11-21T10:00:00+00:00"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()

#: When a line came whose source knows the time.
RECEIVED = NOW - 60

#: The stamps that rsyslog writes into files, both at the time `STAMP`.
FILE_STAMPS = ("Nov 21 10:00:00 ", "2026-11-21T11:00:00.123456+01:00 ")

#: What each filter's file tells in its head.
HEADINGS = ("# Counts:", "# Written for:", "# Leaves out:", "# Take care:")

#: SOGo writes a file of its own, the other programs can be read from the journal.
WITHOUT_JOURNAL = {"sogo"}

#: How many samples are the least: with a failure, and without.
LEAST_SAMPLES = 15

#: Characters of a hostile line, as many as one may have on its way through most systems.
HOSTILE_LENGTH = 8192

#: What a hostile line is full of.
FILLERS = (
    "a", " ", "1", ".", ":", "f:", "1.1.1.1 ", "2001:db8::1,", '"', "\\x22", "'", "''", "[", "]",
    "[]", "(", ")", "<", ">", "<>", ",", ", ", "/", "//", "../", "%2e", " - ", "] ", "-1/",
    " from ", "user=<", ">, rip=192.0.2.1, ", "(auth failed", ", client: 192.0.2.1,", "/.env",
    " [1]: ", " from 192.0.2.1 port 22 ssh2", " 192.0.2.1 port 22 [preauth]", "', '",
    "\N{GREEK SMALL LETTER MU}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """A line, and who failed according to it.

    Attributes:
        name: The filter's name.
        spec: The filter with its options, as a jail names it.
        line: The line.
        host: Who failed; None if nobody did.
        before: Lines that come first and tell of no failure yet.
        time_known: Whether the log source knows the time, so that the line holds none.
        time: When the line was written, if it does hold it.
    """

    name: str
    spec: str
    line: str
    host: str | None
    before: tuple[str, ...]
    time_known: bool
    time: float


def read_samples(name: str) -> Iterator[Sample]:
    entries: list[dict[str, Any]] = yaml.safe_load((SAMPLE_DIR / f"{name}.yaml").read_text())
    for entry in entries:
        yield Sample(
            name,
            f"{name}[{entry['options']}]" if "options" in entry else name,
            entry["line"],
            entry["host"],
            tuple(entry.get("before", ())),
            entry.get("time_known", False),
            datetime.fromisoformat(entry.get("time", STAMP)).timestamp(),
        )


SAMPLES = [sample for name in NAMES for sample in read_samples(name)]


def read(spec: str) -> FilterDefinition:
    return read_filter(spec, dirs=[FILTER_DIR])


def compiled(spec: str) -> Filter:
    return Filter(read(spec), now=lambda: NOW, timezone=UTC)


def find(spec: str, lines: tuple[str, ...], time: float | None) -> list[tuple[str, float | None]]:
    """Return who failed and when, according to the last line."""
    shipped = compiled(spec)
    for line in lines[:-1]:
        assert not shipped.find(line, time), line
    return [(found.host, found.time) for found in shipped.find(lines[-1], time)]


def expected(sample: Sample, time: float) -> list[tuple[str, float | None]]:
    return [] if sample.host is None else [(sample.host, time)]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.spec}-{sample.line:.70}")
def test_sample(sample: Sample) -> None:
    """A line gives whom it should, and its own time."""
    lines = (*sample.before, sample.line)
    if sample.time_known:
        assert find(sample.spec, lines, RECEIVED) == expected(sample, RECEIVED)
    else:
        assert find(sample.spec, lines, None) == expected(sample, sample.time)


@pytest.mark.parametrize(
    "sample",
    [sample for sample in SAMPLES if sample.time_known],
    ids=lambda sample: f"{sample.spec}-{sample.line:.70}",
)
@pytest.mark.parametrize("stamp", FILE_STAMPS)
def test_sample_in_a_file(sample: Sample, stamp: str) -> None:
    """A line says the same in a file, where it has its date in front."""
    lines = tuple(stamp + line for line in (*sample.before, sample.line))
    assert find(sample.spec, lines, None) == expected(sample, sample.time)


@pytest.mark.parametrize("name", NAMES)
def test_no_sample_of_another_filter_is_a_failure(name: str) -> None:
    """What one program writes, or is made to write, no other program's filter counts."""
    shipped = compiled(name)
    for sample in SAMPLES:
        if sample.name != name:
            assert not shipped.find(sample.line, RECEIVED if sample.time_known else None)


@pytest.mark.parametrize("name", NAMES)
def test_there_are_samples(name: str) -> None:
    """Each filter comes with lines that are failures and lines that are none."""
    hosts = [sample.host for sample in SAMPLES if sample.name == name]
    assert len([host for host in hosts if host is not None]) >= LEAST_SAMPLES
    assert hosts.count(None) >= LEAST_SAMPLES
    assert any(host is not None and ":" in host for host in hosts), "no IPv6"


def hit(sample: Sample) -> Iterator[str]:
    """Yield the failregexes that decide over a sample's lines, failure or not."""
    shipped = compiled(sample.spec)
    for line in (*sample.before, sample.line):
        cut = shipped.dates.cut(line)
        text = line if sample.time_known else cut.before + cut.after
        if shipped.prefregex is not None:
            prefix = shipped.prefregex.search(text)
            text = "" if prefix is None else prefix["content"]
        for regex, failregex in zip(shipped.failregexes, shipped.definition.failregex, strict=True):
            if regex.search(text):
                yield failregex
                break


@pytest.mark.parametrize("name", NAMES)
def test_every_failregex_is_of_use(name: str) -> None:
    """Each failregex of each mode decides over some sample."""
    samples = [sample for sample in SAMPLES if sample.name == name]
    used = {failregex for sample in samples for failregex in hit(sample)}
    for spec in {sample.spec for sample in samples}:
        # with options that only change a part of an expression, each variant has its own sample
        assert any(failregex in used for failregex in read(spec).failregex), spec
    assert not set(read(name).failregex) - used
    assert not set(read(_widest(name)).failregex) - used


def _widest(name: str) -> str:
    """Return the mode with the most expressions."""
    specs = {sample.spec for sample in SAMPLES if sample.name == name and "mode=" in sample.spec}
    return max(specs, key=lambda spec: len(read(spec).failregex), default=name)


@pytest.mark.parametrize("spec", sorted({sample.spec for sample in SAMPLES}))
def test_expressions_begin_where_the_line_does(spec: str) -> None:
    """Nothing is searched for in the middle of a line, where clients write."""
    definition = read(spec)
    assert definition.failregex
    assert all(failregex.startswith("^") for failregex in definition.failregex)
    assert definition.prefregex is None or definition.prefregex.startswith("^")
    assert not definition.ignoreregex


@pytest.mark.parametrize("name", NAMES)
def test_dates_are_looked_for_in_one_place(name: str) -> None:
    """No date inside a message is taken for the line's."""
    assert read(name).datepattern
    assert all(pattern.anchored for pattern in compiled(name).dates.patterns)


@pytest.mark.parametrize("name", NAMES)
def test_addresses_only(name: str) -> None:
    """No name is resolved: whoever owns an address owns its reverse DNS."""
    definition = read(name)
    text = " ".join([definition.prefregex or "", *definition.failregex])
    assert "<ADDR>" in text
    assert "<HOST>" not in text
    assert "<DNS>" not in text


@pytest.mark.parametrize("name", NAMES)
def test_journalmatch(name: str) -> None:
    """The filter says which entries of the journal it is for, if its program writes there."""
    assert bool(read(name).journalmatch) == (name not in WITHOUT_JOURNAL)


@pytest.mark.parametrize("name", NAMES)
def test_head(name: str) -> None:
    """The file tells what it counts, for which versions, and what it doesn't."""
    lines = (FILTER_DIR / f"{name}.conf").read_text().splitlines()
    head = lines[: lines.index("[INCLUDES]")]
    assert all(line.startswith("#") or not line for line in head)
    assert all(head.count(heading) == 1 for heading in HEADINGS)


@pytest.mark.parametrize("path", sorted(FILTER_DIR.glob("_*.conf")), ids=lambda path: path.stem)
def test_parts_are_no_filters(path: Path) -> None:
    """What filters have in common finds nothing by itself."""
    assert not read(path.stem).failregex


def test_the_line_that_operators_try() -> None:
    """The documented test message, as it comes to the syslog port, is a failure."""
    message = parse(
        b"<134>Nov 21 10:00:00 hostname dovecot: auth failed, method=PLAIN, rip=192.168.1.100\n"
    )
    text = message.show("127.0.0.1")
    assert find("dovecot", (text,), RECEIVED) == [("192.168.1.100", RECEIVED)]


def count(*messages: str) -> int:
    """Return how many failures the messages of one sshd process are."""
    sshd = compiled("sshd")
    return sum(len(sshd.find(f"box sshd[812]: {text}", RECEIVED)) for text in messages)


def test_a_failed_password_is_one_failure() -> None:
    """What sshd says before and after a failed password doesn't count again."""
    failures = count(
        "Invalid user admin from 192.0.2.1 port 40123",
        "Failed none for invalid user admin from 192.0.2.1 port 40123 ssh2",
        "pam_unix(sshd:auth): check pass; user unknown",
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh"
        " rhost=192.0.2.1",
        "Failed password for invalid user admin from 192.0.2.1 port 40123 ssh2",
        "Failed password for invalid user admin from 192.0.2.1 port 40123 ssh2",
        "error: maximum authentication attempts exceeded for invalid user admin"
        " from 192.0.2.1 port 40123 ssh2 [preauth]",
        "Disconnecting invalid user admin 192.0.2.1 port 40123:"
        " Too many authentication failures [preauth]",
    )
    assert failures == 2


def test_a_connection_without_a_password_is_one_failure() -> None:
    """Wrong keys count once, when the connection ends."""
    failures = count(
        "Failed publickey for root from 192.0.2.1 port 40123 ssh2: RSA SHA256:ZmluZ2Vy",
        "Failed publickey for root from 192.0.2.1 port 40123 ssh2: ED25519 SHA256:ZmluZ2Vy",
        "Received disconnect from 192.0.2.1 port 40123:11: Bye Bye [preauth]",
        "Disconnected from authenticating user root 192.0.2.1 port 40123 [preauth]",
    )
    assert failures == 1


def test_a_login_forgives_wrong_keys() -> None:
    """Whoever gets in with another key, or a password, failed at nothing."""
    failures = count(
        "Failed publickey for ann from 192.0.2.1 port 40123 ssh2: RSA SHA256:ZmluZ2Vy",
        "Accepted password for ann from 192.0.2.1 port 40123 ssh2",
        "Connection closed by authenticating user ann 192.0.2.1 port 40123 [preauth]",
    )
    assert failures == 0


def test_the_main_process_writes_for_many_clients() -> None:
    """Two clients that the same process reports are told apart, IPv4 or IPv6."""
    shipped = compiled("sshd[mode=aggressive]")
    lines = [
        f"box sshd[1]: Timeout before authentication for connection from {host} to 192.0.2.99, pid"
        for host in ("192.0.2.1", "2001:db8::1", "192.0.2.2")
    ]
    hosts = [found.host for line in lines for found in shipped.find(line, RECEIVED)]
    assert hosts == ["192.0.2.1", "2001:db8::1", "192.0.2.2"]


def hostile_lines(line: str) -> Iterator[str]:
    """Fill a line up, with each filler at a few places."""
    for filler in FILLERS:
        filling = (filler * HOSTILE_LENGTH)[:HOSTILE_LENGTH]
        for place in (0, len(line) // 3, 2 * len(line) // 3, len(line)):
            yield line[:place] + filling + line[place:]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_lines_take_no_time(name: str) -> None:
    """Lines that are made to be hard come to an end within the test's time limit."""
    for spec in (name, _widest(name)):
        shipped = compiled(spec)
        for sample in read_samples(name):
            for line in hostile_lines(sample.line):
                shipped.find(line, RECEIVED if sample.time_known else None)
