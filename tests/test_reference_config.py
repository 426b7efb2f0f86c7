"""config.yaml is the reference, and what the program starts with."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from webfail2ban.config import Configuration, EngineSettings, check, read
from webfail2ban.config.shapes import alternatives
from webfail2ban.hosting.loader import Plugins, load
from webfail2ban.hosting.settings import find_problems

FILE = Path(__file__).parent.parent / "config.yaml"


@pytest.fixture(scope="module")
def loaded() -> tuple[Configuration, Plugins]:
    document = read(FILE)
    plugins = load(document.plugins, document.plugin_dirs)
    return check(document, plugins.models), plugins


def test_it_loads_without_a_problem(loaded: tuple[Configuration, Plugins]) -> None:
    """For any user: its filters compile, its addresses are on this machine."""
    configuration, plugins = loaded
    assert not configuration.warnings
    assert not list(find_problems(plugins, configuration))


def test_it_needs_no_root(loaded: tuple[Configuration, Plugins]) -> None:
    """Ports above 1024 on loopback only."""
    configuration, _ = loaded
    assert configuration.engine.spoa.address == "127.0.0.1"
    assert configuration.engine.spoa.port > 1024
    assert "  address: 127.0.0.1:5514\n" in FILE.read_text()


def keys(model: type[BaseModel]) -> set[str]:
    """Return the names of a model's settings and of those below them."""
    found = set(model.model_fields)
    for field in model.model_fields.values():
        for part in alternatives(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found |= keys(part)
    return found


def test_it_speaks_of_every_setting_of_the_engine() -> None:
    """A reference that leaves one out is none; a default may stand in a comment."""
    named = set(re.findall(r"(?m)^[ #]*([a-z_0-9]+):", FILE.read_text()))
    assert keys(EngineSettings) <= named


def test_what_stands_in_a_comment_as_the_default_is_the_default() -> None:
    """Uncommenting it changes nothing."""
    text = FILE.read_text()
    assert re.search(r"#\s+dirs: \[/etc/webfail2ban/filter\.d\]", text)
    assert EngineSettings().filter.dirs == (Path("/etc/webfail2ban/filter.d"),)
