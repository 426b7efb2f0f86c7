"""The configurations that operators copy, as a whole: none is forgotten anywhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KIT = ROOT / "haproxy"
README = (KIT / "README.md").read_text("utf-8")

CONFIGURATIONS = sorted(path.name for path in KIT.glob("*.cfg"))

#: `mode spop` is there from 3.1 on, and up to 3.0 it is an error.
MODES = """backend webfail2ban-agents
.if version_atleast(3.1)
    mode spop
.else
    mode tcp
.endif
"""

#: What programs of ours start, whose users change nothing.
OURS = {"compose.cfg", "demo.cfg"}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_each_has_both_forms_of_the_agents_backend(name: str) -> None:
    """That of HAProxy 3.1 and later, and the earlier ones'."""
    assert MODES in (KIT / name).read_text("utf-8")


@pytest.mark.parametrize("path", sorted(KIT.iterdir()), ids=lambda path: path.name)
def test_the_readme_names_each_file(path: Path) -> None:
    """Whoever looks for one finds it there."""
    assert path.name == "README.md" or path.is_dir() or f"`{path.name}`" in README


@pytest.mark.parametrize("name", sorted({*CONFIGURATIONS} - OURS))
def test_each_is_in_the_table_and_is_started_by_a_test(name: str) -> None:
    """With real traffic."""
    assert re.search(rf"^\| \[?`{re.escape(name)}`", README, re.MULTILINE)
    tests = (ROOT / "tests" / "e2e").glob("test_*.py")
    assert any(f'"{name}"' in path.read_text("utf-8") for path in tests)
