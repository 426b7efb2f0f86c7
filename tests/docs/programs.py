"""Blocks of Python: files, tests, examples of hooks, and programs."""

from pathlib import Path
from typing import Any

import pluggy

from tests.docs.configurations import write
from tests.docs.pages import Block
from tests.docs.site import Site
from webfail2ban.hooks import hookspecs

#: As an author would run tests, but that warnings are errors; that webfail2ban is imported before
#: pytest can rewrite its assertions is none.
OPTIONS = "-q -W error -W ignore::pytest.PytestAssertRewriteWarning -p no:cacheprovider"


def run_python(site: Site, folder: Path, block: Block) -> None:
    """Write a file; tests are run as their author would run them, and so is what has no name."""
    if block.name == "hook":
        check_hook(block.text)
        return
    if not block.name:
        block = Block(block.language, "example.py", block.text, block.line)
    write(folder, block)
    if Path(block.name).name.startswith("test_"):
        run(site, folder, f"pytest {OPTIONS} {block.name}")
    elif block.name == "example.py":
        run(site, folder, "python -W error example.py")


def run(site: Site, folder: Path, command: str) -> None:
    """Run a program that has to succeed."""
    ran = site.run(command, folder)
    assert ran.status == 0, ran.said


def check_hook(code: str) -> None:
    """Register a class with the hook, as the loader does: its arguments have to be right."""
    body = "".join(f"    {line}\n" for line in code.splitlines())
    names: dict[str, Any] = {"hookimpl": hookspecs.hookimpl}
    exec(f"from __future__ import annotations\nclass Example:\n{body}", names)  # noqa: S102 - ours
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(names["Example"]())
    manager.check_pending()
