"""The authors' guide is true: every block of code in it is run, its reference is the hookspecs'."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pluggy
import pytest

from docs import hook_reference
from webfail2ban import hookspecs

ROOT = Path(__file__).parents[2]
GUIDE = hook_reference.GUIDE.read_text("utf-8")

#: What begins a section; each is run in a folder of its own.
HEADING = re.compile(r"^#+ ", re.MULTILINE)
BLOCK = re.compile(r"^```(.*)\n((?:.*\n)*?)```$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: what it is, and its text."""

    language: str
    name: str
    text: str


def blocks(text: str) -> Iterator[Block]:
    for info, code in BLOCK.findall(text):
        language, _, name = info.partition(" ")
        yield Block(language, name, code)


def sections() -> dict[str, list[Block]]:
    """Return the blocks of the sections that have any, by their titles."""
    outside = BLOCK.sub(lambda match: "\0" * len(match[0]), GUIDE)  # a comment is no heading
    starts = [match.start() for match in HEADING.finditer(outside)]
    texts = [GUIDE[start:end] for start, end in zip(starts, [*starts[1:], len(GUIDE)], strict=True)]
    return {text.partition("\n")[0]: found for text in texts if (found := [*blocks(text)])}


def execute(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    env = {name: value for name, value in os.environ.items() if "FAIL2BAN" not in name}
    env["COLUMNS"] = "200"
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def run_python(folder: Path, block: Block) -> None:
    """Write a file; tests are run as their author would run them."""
    if block.name == "hook":
        check_hook(block.text)
        return
    write(folder, block)
    if Path(block.name).name.startswith("test_"):
        ran = execute(folder, "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", block.name)
        assert ran.returncode == 0, ran.stdout


def check_hook(code: str) -> None:
    """Register a class with the hook, as the loader does: its arguments have to be right."""
    body = "".join(f"    {line}\n" for line in code.splitlines())
    names: dict[str, Any] = {"hookimpl": hookspecs.hookimpl}
    exec(f"from __future__ import annotations\nclass Example:\n{body}", names)  # noqa: S102 - ours
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(names["Example"]())
    manager.check_pending()


def write(folder: Path, block: Block) -> None:
    path = folder / block.name
    path.parent.mkdir(exist_ok=True)
    path.write_text(block.text)


def run_console(folder: Path, block: Block) -> None:
    """Run commands, and compare what they say; ``...`` stands for anything."""
    for text in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, expected = text.partition("\n")
        ran = execute(folder, *command.split())
        assert ran.returncode == (2 if expected.startswith("error:") else 0), ran.stdout
        pattern = re.escape(expected.rstrip()).replace(r"\.\.\.", "(?s:.*)")
        assert re.search(pattern, ran.stdout), ran.stdout


def check_dockerfile(_folder: Path, block: Block) -> None:
    """Compare it with the image that it begins with: nobody builds one here."""
    image = (ROOT / "Dockerfile").read_text()
    (user,) = set(re.findall(r"^USER (?!root)(\w+)", block.text, re.MULTILINE))
    (environment,) = re.findall(r"RUN (\S+)/bin/pip install ", block.text)
    assert f"USER {user}\n" in image
    assert f"RUN python -m venv {environment}" in image
    assert f"COPY --from=build {environment} {environment}\n" in image


RUNNERS: dict[str, Callable[[Path, Block], None]] = {
    "python": run_python,
    "yaml": write,
    "console": run_console,
    "dockerfile": check_dockerfile,
}


@pytest.mark.parametrize("title", sections())
def test_a_sections_code_runs(title: str, tmp_path: Path) -> None:
    """Files are written, tests pass, commands say what is said that they say."""
    for block in sections()[title]:
        RUNNERS[block.language](tmp_path, block)


def test_every_block_is_run() -> None:
    """None hides in an indent, or outside of the sections."""
    assert sum(map(len, sections().values())) == GUIDE.count("```") / 2


def test_the_reference_is_what_the_hookspecs_say() -> None:
    """Otherwise: python docs/hook_reference.py."""
    assert hook_reference.insert(GUIDE, hook_reference.render()) == GUIDE


def test_the_reference_has_every_hook() -> None:
    """With its arguments and an example."""
    names = [name for name, spec in vars(hookspecs).items() if hasattr(spec, "webfail2ban_spec")]
    assert sorted(names) == sorted(re.findall(r"^### `(\w+)`$", GUIDE, re.MULTILINE))


def test_links_lead_somewhere() -> None:
    """To files of the repository, and to headings of the guide."""
    headings = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", GUIDE, re.MULTILINE)
    }
    for link in re.findall(r"\]\(([^)]+)\)", GUIDE):
        if link.startswith("#"):
            assert link[1:] in headings
        elif not link.startswith("https://"):
            assert (hook_reference.GUIDE.parent / link).exists(), link
