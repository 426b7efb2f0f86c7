"""Other programs' files, and an engine with what is made of them."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from webfail2ban.migration import Draft, render
from webfail2ban.testing import EngineBox

#: Makes fail2ban's directory with a jail.local.
Jails = Callable[[str], Path]

#: Starts an engine with a draft's jails.
Engines = Callable[[Draft], EngineBox]

#: Sources aren't started: lines come from the test.
SOURCES = ("tail", "journald", "syslog")


def settings_of(draft: Draft) -> dict[str, Any]:
    """Return what a draft's file says."""
    settings: dict[str, Any] = yaml.safe_load(render(draft))
    return settings


@pytest.fixture
def fail2ban(fail2ban_tree: Path, tmp_path: Path) -> Jails:
    """Debian's fail2ban, with a jail.local of the test's; Debian's own sshd is off."""

    def install(text: str) -> Path:
        directory = tmp_path / "fail2ban"
        shutil.copytree(fail2ban_tree / "etc" / "fail2ban", directory)
        (directory / "jail.d" / "defaults-debian.conf").unlink()
        (directory / "jail.local").write_text(dedent(text), "utf-8")
        return directory

    return install


@pytest.fixture
def engine_of() -> Iterator[Engines]:
    """Start engines with drafts' jails."""
    boxes: list[EngineBox] = []

    def start(draft: Draft) -> EngineBox:
        settings = settings_of(draft)
        plugins = [name for name in settings["plugins"] if name not in SOURCES]
        sections = {key: value for key, value in settings.items() if key not in SOURCES}
        boxes.append(EngineBox({**sections, "plugins": plugins}))
        return boxes[-1]

    yield start
    for box in boxes:
        box.close()
