"""HAProxy itself, where it is installed: its version, and what it says of a configuration."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from webfail2ban.doctor.conditions import Version, parse_version
from webfail2ban.doctor.finding import Finding
from webfail2ban.doctor.findings.program import REFUSED, WARNED

#: Where systems put it, whatever the user's PATH is.
DIRECTORIES = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"

#: The version that is taken where nobody says one: the last that most systems ship.
USUAL = (2, 8)

#: Seconds for reading a configuration.
PATIENCE = 60.0

#: An entry of what HAProxy says, up to the next one.
ENTRY = re.compile(r"^\[(ALERT|WARNING)\]\s*\(\d+\)\s*:\s*(.*(?:\n[ \t].*)*)", re.MULTILINE)

#: The place that an entry names, in either of its forms.
PLACE = re.compile(r"\[([^\[\]\n]+):(\d+)\]|\bat (/?[^\s:]+):(\d+)")

#: What an entry may begin with, and says nothing.
PREAMBLE = re.compile(r"^(?:config\s*:\s*)?(?:parsing\s*)?(?:\[[^\]]*\]\s*:\s*)?")

#: Entries that only say that there were others.
SUMMARIES = ("Error(s) found", "Fatal errors found", "Some configuration options require")


def find_program() -> Path | None:
    """Return HAProxy's program; None if it isn't installed."""
    found = shutil.which("haproxy") or shutil.which("haproxy", path=DIRECTORIES)
    return Path(found) if found else None


def read_version(program: Path) -> Version | None:
    """Return what ``haproxy -v`` says; None if it says nothing."""
    found = re.search(r"version (\S+)", _run(program, "-v"))
    try:
        return parse_version(found[1]) if found else None
    except ValueError:
        return None


def check(program: Path, files: Sequence[Path]) -> Iterator[Finding]:
    """Yield what ``haproxy -c`` has against a configuration."""
    arguments = [word for file in files for word in ("-f", str(file))]
    yield from read_entries(_run(program, "-c", "-dr", *arguments))


def read_entries(said: str) -> Iterator[Finding]:
    """Read what HAProxy says of a configuration."""
    for level, text in ENTRY.findall(said):
        sentence = PREAMBLE.sub("", " ".join(text.replace("|", " ").split()))
        if sentence.startswith(SUMMARIES) or not sentence:
            continue
        kind = REFUSED if level == "ALERT" else WARNED
        place = PLACE.search(text)
        file, line = ("", "0") if place is None else (place[1] or place[3], place[2] or place[4])
        yield kind.about_file(file, f"HAProxy says: {sentence}", line=int(line))


def _run(program: Path, *arguments: str) -> str:
    """Return what HAProxy says, on whichever channel; nothing if it can't be run."""
    try:
        done = subprocess.run(  # noqa: S603 - the operator's HAProxy and his own files
            [program, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
