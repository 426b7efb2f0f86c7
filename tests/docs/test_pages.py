"""The documentation is true: every block of code in it is run."""

from pathlib import Path

import pytest

from tests.docs.kinds import RUNNERS
from tests.docs.pages import ALL, PAGES, ROOT, Block, Section
from tests.docs.site import Site

BLOCKS = [(section, block) for section in ALL for block in section.blocks]


def needs_agent(blocks: tuple[Block, ...]) -> bool:
    return any("console" in block.language and not block.not_run for block in blocks)


@pytest.mark.parametrize("section", ALL, ids=str)
def test_a_sections_code_runs(section: Section, site: Site, tmp_path: Path) -> None:
    """Configurations are right, commands say what the page says that they say, tests pass."""
    if needs_agent(section.blocks):
        site.start_agent()
        site.forget()
    for block in section.blocks:
        if block.not_run:
            continue
        for command in block.before:
            ran = site.run(command, tmp_path)
            assert ran.status == 0, ran.said
        RUNNERS[block.language](site, tmp_path, block)


def test_every_block_is_of_a_known_kind() -> None:
    """One that isn't would never be run."""
    unknown = [
        f"{section.page.relative_to(ROOT)}:{block.line}: ```{block.language}"
        for section, block in BLOCKS
        if block.language not in RUNNERS and not block.not_run
    ]
    assert not unknown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_is_found(page: Path) -> None:
    """None hides behind an indent that isn't its end's."""
    found = sum(len(section.blocks) for section in ALL if section.page == page)
    assert found == page.read_text("utf-8").count("```") / 2


def test_few_blocks_are_not_run() -> None:
    """Each says why; `python -m tests.docs.pages` lists them."""
    left_out = [block for _, block in BLOCKS if block.not_run is not None]
    assert all(block.not_run for block in left_out)
    assert len(left_out) < len(BLOCKS) / 5
