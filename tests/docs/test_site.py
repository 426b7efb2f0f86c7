"""The documentation as a website."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

from tests.docs.pages import ROOT

CONFIGURATION = ROOT / "docs" / "mkdocs" / "mkdocs.yml"


class Text(HTMLParser):
    """What a reader sees of a page outside of code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inside = 0
        self.said = ""
        self.feed(page)

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self.inside += tag in {"code", "pre", "script"}

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag in {"code", "pre", "script"}

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.said += data


def build(folder: Path) -> None:
    command: list[str | Path] = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    options: list[str | Path] = ["--config-file", CONFIGURATION, "--site-dir", folder]
    ran = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_it_is_built_without_a_warning(tmp_path: Path) -> None:
    """Each link leads somewhere, files that pages link to are there, and no Markdown is left."""
    build(tmp_path)
    assert (tmp_path / "files" / "config.yaml").read_text("utf-8").startswith("# webfail2ban")
    for page in tmp_path.rglob("*.html"):
        said = Text(page.read_text("utf-8")).said
        left = [mark for mark in ("```", "<!--", "not run:", "](") if mark in said]
        assert not left, page
