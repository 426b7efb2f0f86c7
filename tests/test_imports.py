"""Who may import whom."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import webfail2ban

ROOT = Path(__file__).parent.parent
CORE = ROOT / "webfail2ban"
PLUGINS = ROOT / "plugins"
STANDARD = set(sys.stdlib_module_names)


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, by their full names."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def top(module: str) -> str:
    return module.partition(".")[0]


def sources(*paths: Path) -> list[Path]:
    return sorted(
        file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))
    )


def core_modules(module: str) -> str | None:
    """Return the first part below webfail2ban of a module's name."""
    parts = module.split(".")
    return parts[1] if parts[0] == "webfail2ban" and len(parts) > 1 else None


@pytest.mark.parametrize(
    ("path", "others"),
    [
        ("errors.py", set()),
        ("addresses.py", set()),
        ("hostnames.py", set()),
        ("toldvariables.py", set()),
        ("model.py", {"addresses", "toldvariables"}),
        ("statuses.py", {"addresses", "model"}),
        ("networks.py", {"addresses"}),
        ("hooks/interfaces.py", {"addresses", "model"}),
        ("bans", {"addresses", "bans", "model"}),
        ("verdicts/memory.py", {"addresses"}),
        ("notices.py", set()),
        ("filters", {"errors", "filters", "notices"}),
        ("spop", {"errors", "spop"}),
    ],
)
def test_the_ground_floor_needs_only_python(path: str, others: set[str]) -> None:
    """The values, the protocol and the filters run and are tested anywhere."""
    for source in sources(CORE / path):
        for module in imports(source):
            if top(module) == "webfail2ban":
                assert core_modules(module) in others, f"{source} imports {module}"
            else:
                assert top(module) in STANDARD, f"{source} imports {module}"


@pytest.mark.parametrize(
    "path",
    [
        *("spop", "filters", "config", "model.py", "bans", "hooks", "verdicts/memory.py"),
        *("hosting/loader.py", "privileges.py", "engine_settings.py"),
        *(f"tls/{name}.py" for name in ("layer", "certificates", "credentials", "faults")),
        *(f"authrequest/{name}.py" for name in ("connection", "questions", "answers", "agent")),
    ],
)
def test_what_needs_no_waiting_knows_no_gevent(path: str) -> None:
    """Bytes and sockets never meet in one file."""
    for source in sources(CORE / path):
        assert "gevent" not in {top(module) for module in imports(source)}, source


@pytest.mark.parametrize(
    ("room", "above"),
    [
        ("hooks", {"hosting", "verdicts", "spoa", "listening", "sensor"}),
        ("hosting", {"verdicts", "spoa", "listening", "sensor", "generation", "engine"}),
        ("verdicts", {"spoa", "authrequest", "generation", "engine"}),
        ("listening", {"spoa", "authrequest", "tls", "api"}),
        ("spoa", {"authrequest", "tls", "engine"}),
    ],
)
def test_a_room_knows_none_above_it(room: str, above: set[str]) -> None:
    """So each can be read, and changed, without those that stand on it."""
    for source in sources(CORE / room):
        for module in imports(source):
            assert core_modules(module) not in above, f"{source} imports {module}"


def test_the_core_imports_no_plugin() -> None:
    """Ours are found like everybody's."""
    for source in sources(CORE):
        for module in imports(source):
            assert not top(module).startswith("webfail2ban_"), f"{source} imports {module}"


def test_the_server_knows_no_chain() -> None:
    """It is handed whatever answers."""
    known = ("webfail2ban.listening", "webfail2ban.spoa.client", "webfail2ban.spop")
    for source in sources(CORE / "spoa/server.py", CORE / "spoa/client.py", CORE / "listening"):
        for module in imports(source):
            if top(module) == "webfail2ban":
                assert module.startswith(known), f"{source} imports {module}"


def test_a_plugin_imports_the_public_names_only() -> None:
    """So its folder is a template for anybody's package."""
    public = {"", *webfail2ban.__all__}
    for folder in PLUGINS.glob("webfail2ban_*"):
        if not folder.is_dir() or folder.suffix == ".egg-info":
            continue
        for source in sources(folder):
            for module in imports(source):
                if top(module) == "webfail2ban":
                    assert module.partition(".")[2] in public, f"{source} imports {module}"
                elif top(module).startswith("webfail2ban_"):
                    assert top(module) == folder.name, f"{source} imports {module}"


def test_the_tests_of_plugins_import_the_public_names_only() -> None:
    """What ours need to be tested, anybody's plugin has."""
    for source in sources(ROOT / "tests" / "plugins"):
        for module in imports(source):
            below = core_modules(module)
            public = below is None or below == "testing" or below in webfail2ban.__all__
            assert public, f"{source} imports {module}"
            assert module != "tests.plugged", f"{source}: a box takes plugins under test"


def test_every_file_is_one_idea() -> None:
    """A file of more than 350 lines holds two."""
    long = [path for path in sources(CORE, PLUGINS) if len(path.read_text().splitlines()) > 350]
    assert not long
