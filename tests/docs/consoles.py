"""Blocks of a terminal: commands behind ``$``, and what they print."""

import re
import time
from pathlib import Path

from tests.docs.pages import ROOT, Block
from tests.docs.site import Site

#: Commands that only look: what they are to show may take a moment to happen.
LOOKS = re.compile(r"\b(webfail2ban (status|bans|check|jails|sources|feeds|export|doctor)|curl)\b")
PATIENCE = 20.0
PAUSE = 0.2

#: Both run for ever; what they print is the log of the agent that all pages share.
RUN = re.compile(r"^(make run|webfail2ban run\b.*)$")

#: Others would start everything anew; that the Makefile has the target is looked at instead.
MAKE = re.compile(r"^make (\w+)$")


def run_console(site: Site, folder: Path, block: Block) -> None:
    """Run a block's commands, and compare what they print: ``...`` stands for anything.

    Nothing is compared below a command of which the page shows no output. The exit status is 0, or
    2 where an error is shown, if no comment says another one.
    """
    for text in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, expected = split(text)
        usual = 2 if re.match(r"\s*error:", expected) else 0
        try_command(site, folder, command, expected, block.statuses or (usual,))


def split(text: str) -> tuple[str, str]:
    """Return a command, with its further lines behind ``>``, and what it is to print."""
    lines = text.splitlines()
    count = 1
    while count < len(lines) and (lines[count].startswith("> ") or lines[count - 1].endswith("\\")):
        count += 1
    command = "\n".join(line.removeprefix("> ") for line in lines[:count])
    return command, "\n".join(lines[count:])


def try_command(
    site: Site, folder: Path, command: str, expected: str, statuses: tuple[int, ...]
) -> None:
    """Run a command, more than once if it only looks."""
    if RUN.match(command):
        assert agrees(site.agent_said, expected), site.agent_said
    if make := MAKE.match(command):
        command, expected, folder = f"make --dry-run {make[1]}", "", ROOT
    elif RUN.match(command):
        return
    deadline = time.monotonic() + (PATIENCE if LOOKS.search(command) else 0)
    while True:
        ran = site.run(command, folder)
        if ran.status in statuses and agrees(ran.said, expected):
            return
        if time.monotonic() > deadline:
            break
        time.sleep(PAUSE)
    raise AssertionError(
        f"$ {command}\nended with {ran.status} instead of {statuses} and said:\n{ran.said}\n"
        f"where the page has:\n{expected}"
    )


def agrees(said: str, expected: str) -> bool:
    """Whether a command said what the page shows; how wide a table's columns are doesn't matter."""
    if not expected.strip():
        return True
    parts = [re.escape(part) for part in normalize(expected).split("...")]
    if parts[-1] == "":  # perhaps nothing follows, no line's end either
        parts[-2] = parts[-2].removesuffix("\\\n")
    return re.fullmatch("(?s:.*)".join(parts), normalize(said)) is not None


def normalize(text: str) -> str:
    """Return a text with one space for each run of spaces, and none at lines' ends."""
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.strip().splitlines())
    return "\n".join(line for line in lines if line)
