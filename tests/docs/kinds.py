"""What is done with each kind of block; a block of another kind is a mistake."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from tests.docs.configurations import check_yaml, write
from tests.docs.consoles import run_console
from tests.docs.pages import ROOT, Block
from tests.docs.programs import run_python
from tests.docs.proxies import check_haproxy, check_spoe
from tests.docs.site import Site
from webfail2ban.filters import Filter, read_filter
from webfail2ban_jails.jailfilter import filter_dirs


def check_ini(_site: Site, folder: Path, block: Block) -> None:
    """Load a filter; a file of another kind is there for the commands that follow."""
    write(folder, block)
    if "[Definition]" in block.text:
        path = folder / block.name
        Filter(read_filter(path.stem, dirs=[path.parent, *filter_dirs([])]))


def check_json(_site: Site, _folder: Path, block: Block) -> None:
    """Read it."""
    json.loads(block.text)


def check_dockerfile(_site: Site, _folder: Path, block: Block) -> None:
    """Compare it with the image that it begins with: nobody builds one here."""
    image = (ROOT / "Dockerfile").read_text("utf-8")
    (user,) = set(re.findall(r"^USER (?!root)(\w+)", block.text, re.MULTILINE))
    (environment,) = re.findall(r"RUN (\S+)/bin/pip install ", block.text)
    assert re.search(rf"^USER {user}\b", image, re.MULTILINE)
    assert re.search(rf"RUN python\S* -m venv {environment}\b", image)
    assert f"COPY --from=build {environment} {environment}\n" in image


def look_at(_site: Site, folder: Path, block: Block) -> None:
    """Do nothing with a picture; a log with a name is there for the commands that follow.

    What nginx and Caddy read is run by tests/e2e/test_gateways.py.
    """
    if block.name:
        write(folder, block)


RUNNERS: dict[str, Callable[[Site, Path, Block], None]] = {
    "caddyfile": look_at,
    "console": run_console,
    "dockerfile": check_dockerfile,
    "haproxy": check_haproxy,
    "ini": check_ini,
    "json": check_json,
    "nginx": look_at,
    "python": run_python,
    "spoe": check_spoe,
    "text": look_at,
    "yaml": check_yaml,
}
