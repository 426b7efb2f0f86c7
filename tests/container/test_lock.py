"""The lock belongs to pyproject.toml; when this fails, the lock's first line tells the command."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from itertools import product
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.container.dockerfile import ROOT
from tests.container.locks import LOCK, locked

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

#: What plugins need that are named in the reference configuration.
EXTRAS = ("apprise", "geoip")

#: Where an image may run.
PYTHONS, MACHINES = ("3.11", "3.12", "3.13"), ("x86_64", "aarch64")


def wanted() -> list[Requirement]:
    """Return what the image's build asks for."""
    project = PYPROJECT["project"]
    extras = [text for extra in EXTRAS for text in project["optional-dependencies"][extra]]
    build = PYPROJECT["dependency-groups"]["build"]
    return [Requirement(text) for text in (*project["dependencies"], *extras, *build)]


def environments() -> list[dict[str, str]]:
    """Return what conditions ask about, wherever the image may run."""
    here = {name: str(value) for name, value in default_environment().items()}
    return [
        {
            **here,
            "python_version": python,
            "python_full_version": f"{python}.9",
            "platform_machine": machine,
        }
        for python, machine in product(PYTHONS, MACHINES)
    ]


@pytest.mark.parametrize("requirement", wanted(), ids=lambda requirement: requirement.name)
def test_each_dependency_is_pinned_within_its_range(requirement: Requirement) -> None:
    """On every machine and with every Python that it is for."""
    pins = {pin.name: pin for pin in locked()}
    pin = pins[canonicalize_name(requirement.name)]
    assert pin.version in requirement.specifier
    for environment in environments():
        if requirement.marker is None or requirement.marker.evaluate(environment):
            assert pin.requirement.marker is None or pin.requirement.marker.evaluate(environment)


def test_what_dependencies_need_is_pinned_too() -> None:
    """As far as it is installed here, in whatever version."""
    pins = {pin.name for pin in locked()}
    for name in pins:
        try:
            needed = requires(name) or []
        except PackageNotFoundError:
            continue  # for another system
        for requirement in map(Requirement, needed):
            marker = requirement.marker
            if marker is None or marker.evaluate({"extra": ""}):
                assert canonicalize_name(requirement.name) in pins, f"{name} needs {requirement}"


def test_every_file_is_known_by_its_hash() -> None:
    """Nobody can put another one in its place; wheels for each system are among them."""
    assert all(pin.hashes for pin in locked())
    assert {pin.name: pin.hashes for pin in locked()}["gevent"] > 1


def test_no_address_is_in_it() -> None:
    """Everybody fetches from where he always does."""
    lines = LOCK.read_text("utf-8").splitlines()
    assert not [line for line in lines if re.search(r"://|index|find-links", line)]


def test_the_build_pins_what_builds_the_package() -> None:
    """It asks for nothing else than the build system."""
    needed = {Requirement(text).name for text in PYPROJECT["build-system"]["requires"]}
    assert needed == {Requirement(text).name for text in PYPROJECT["dependency-groups"]["build"]}
