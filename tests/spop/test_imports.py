"""What the protocol may know of the rest of the world."""

import ast
import sys
from pathlib import Path

import webfail2ban.spop

FOLDER = Path(webfail2ban.spop.__file__).parent


def imported_by(source: Path) -> set[str]:
    """Return the modules that a file imports."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
    return modules


def test_the_protocol_needs_only_python() -> None:
    """No I/O library, no other part of webfail2ban but its errors."""
    imported = set().union(*map(imported_by, FOLDER.glob("*.py")))
    foreign = {
        module
        for module in imported
        if module.split(".")[0] not in sys.stdlib_module_names
        and module != "webfail2ban.errors"
        and not module.startswith("webfail2ban.spop")
    }
    assert foreign == set()
    assert not imported & {"asyncio", "select", "selectors", "socket", "socketserver", "threading"}
