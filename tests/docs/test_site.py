"""The documentation as a website."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

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


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    options = ["--config-file", CONFIGURATION, "--site-dir", folder]
    ran = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return folder


def test_it_is_built_without_a_warning(built: Path) -> None:
    """Each page is in the navigation, each link leads somewhere."""
    assert (built / "index.html").exists()
    assert (built / "haproxy" / "index.html").exists()


def test_no_markdown_is_left(built: Path) -> None:
    """Blocks are blocks, in lists too, and comments for the tests aren't shown."""
    for page in built.rglob("*.html"):
        said = Text(page.read_text("utf-8")).said
        left = [mark for mark in ("```", "<!--", "not run:", "](") if mark in said]
        assert not left, page


def test_files_of_the_repository_are_there(built: Path) -> None:
    """Those that pages link to."""
    assert (built / "files" / "config.yaml").read_text("utf-8").startswith("# webfail2ban")
