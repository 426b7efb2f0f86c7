"""What ``webfail2ban new-plugin`` writes passes its own tests, and HAProxy hears its verdict."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.probe import Probe
from tests.e2e.stage import Stage
from webfail2ban.skeleton import write_package

# A build and an installation.
pytestmark = pytest.mark.timeout(300)

NAME = "tor_exits"


def make_environment(home: Path) -> Path:
    """Make a fresh environment that sees the product, and all that it needs; return its Python."""
    venv.create(home, with_pip=False)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    ours = [path for path in sys.path if path.endswith("site-packages")]
    lines = [f"import site; site.addsitedir({path!r})\n" for path in ours]
    (packages / "product.pth").write_text("".join(lines))
    return home / "bin" / "python"


def run(python: Path, *args: str | Path) -> str:
    """Run a module and return what it says."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ran = subprocess.run(
        [python, "-m", *args], env=env, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The written package."""
    folder = tmp_path_factory.mktemp("written") / "plugin"
    write_package(NAME, folder)
    return folder


@pytest.fixture(scope="module")
def python(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment where the package is built and installed."""
    python = make_environment(tmp_path_factory.mktemp("environment"))
    offline = ("--no-deps", "--no-index", "--no-build-isolation")
    run(python, "pip", "install", "--quiet", *offline, package)
    return python


def test_it_passes_its_own_tests(package: Path, python: Path) -> None:
    """As it was written, beside the product; nothing else is needed."""
    said = run(python, "pytest", "-q", "-p", "no:cacheprovider", package / "tests")
    assert "4 passed" in said


def test_haproxy_hears_its_verdict(stage: Stage, python: Path) -> None:
    """Configured by its name, as any other plugin."""
    settings: dict[str, Any] = {
        "plugins": ["whitelist", NAME, "jails", "syslog", "tail"],
        NAME: {"networks": ["203.0.113.64/26"]},
    }
    agent = stage.start_agent(python=python, **settings)
    probe = Probe(stage, agent)
    assert probe.get("203.0.113.70").status == 403
    assert probe.get("203.0.113.7").status == 200
