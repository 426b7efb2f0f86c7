"""Blocks of YAML: a configuration, or a part that is put into the reference configuration."""

from pathlib import Path
from typing import Any

import yaml

from tests.docs.pages import ROOT, Block
from tests.docs.site import Site
from webfail2ban.config import EngineSettings, check, parse
from webfail2ban.config.engine import EXTRA
from webfail2ban.hosting.loader import load
from webfail2ban.hosting.settings import find_problems


def check_yaml(site: Site, folder: Path, block: Block) -> None:
    """Write a file with a name, for the commands that follow; check one without."""
    content = yaml.safe_load(block.text)
    if block.name:
        write(folder, block)
        return
    text = block.text if "plugins" in content else yaml.safe_dump(join(reference(), content))
    check_configuration(site.moved(text), folder)


def write(folder: Path, block: Block) -> None:
    """Write a block's file into the section's folder."""
    path = folder / block.name
    path.parent.mkdir(exist_ok=True)
    path.write_text(block.text, "utf-8")


def reference() -> dict[str, Any]:
    """Return the reference configuration."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    return content


def join(whole: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Put a part into the reference; a section of a plugin that it doesn't load has it loaded."""
    known = {*whole, *EngineSettings.model_fields}
    plugins = [name for name in part if name not in known and not name.startswith(EXTRA)]
    joined = {**whole, "plugins": [*whole["plugins"], *plugins]}
    for name, section in part.items():
        there = whole.get(name)
        both = isinstance(there, dict) and isinstance(section, dict)
        joined[name] = {**there, **section} if both else section  # type: ignore[dict-item]
    return joined


def check_configuration(text: str, folder: Path) -> None:
    """Check a configuration as `check-config` does, but for files that only the reader has."""
    document = parse(text, path=folder / "config.yaml")
    plugins = load(document.plugins, document.plugin_dirs)
    configuration = check(document, plugins.models)
    problems = [
        f"{name}: {'.'.join(map(str, problem.path))} {problem.message}"
        for name, problem in find_problems(plugins, configuration)
        if name == "jails"
    ]
    assert not problems, problems
