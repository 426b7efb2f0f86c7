"""Links of the documentation lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import HEADING, PAGES, ROOT, anchor, without_blocks

LINK = re.compile(r"\]\(([^)\s]+)\)")


def headings(page: Path) -> set[str]:
    return {anchor(match[2]) for match in HEADING.finditer(without_blocks(page.read_text("utf-8")))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings_that_there_are(page: Path) -> None:
    """In the repository; what is elsewhere isn't asked."""
    broken = []
    for link in LINK.findall(without_blocks(page.read_text("utf-8"))):
        if link.startswith(("https://", "http://")):
            continue
        name, _, fragment = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (fragment and fragment not in headings(target)):
            broken.append(link)
    assert not broken
