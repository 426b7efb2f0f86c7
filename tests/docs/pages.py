"""The pages of the documentation, their sections and the blocks of code in them.

A block's first line says what it is, as forges read it, and perhaps a file's name. Comments of HTML
right before it, which nobody sees, say what a test has to know and a reader doesn't:

    <!-- not run: why -->          it can't be run by a test
    <!-- before: COMMAND -->       what a shell does first, in the section's folder
    <!-- exit status: 1 -->        the command's, where it isn't 0; also "0 or 1"

`python -m tests.docs.pages` counts the blocks, and lists those that aren't run.
"""

import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: All pages with something to try. The benchmarks' page has a command that measures for minutes.
PAGES = (ROOT / "README.md", ROOT / "haproxy" / "README.md", *sorted((ROOT / "docs").glob("*.md")))

#: What begins a section; each is run in a folder of its own.
HEADING = re.compile(r"^(#+) (.*)$", re.MULTILINE)

BLOCK = re.compile(
    r"^(?P<comments>(?:[ ]*<!--(?:(?!-->)[^`])*-->\s*\n)*)"
    r"(?P<indent>[ ]*)```(?P<info>.*)\n(?P<text>(?:.*\n)*?)(?P=indent)```[ ]*$",
    re.MULTILINE,
)
COMMENT = re.compile(r"<!--\s*(not run|before|exit status): (.*?)\s*-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code.

    Attributes:
        language: What it is.
        name: The file that it is; empty for none.
        text: Its lines.
        line: Where it begins in its page.
        not_run: Why it isn't run; None if it is.
        before: What is done first.
        statuses: The exit statuses that its commands may have; empty for the usual one.
    """

    language: str
    name: str
    text: str
    line: int
    not_run: str | None = None
    before: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A section with blocks in it."""

    page: Path
    title: str
    blocks: tuple[Block, ...]

    def __str__(self) -> str:
        """Name it as a link would."""
        return f"{self.page.relative_to(ROOT)}#{anchor(self.title)}"


def anchor(title: str) -> str:
    """Return a heading's anchor, as forges make it."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def without_blocks(text: str) -> str:
    """Return a page's text with nothing but spaces where its blocks are: they have no headings."""
    return BLOCK.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def sections(page: Path) -> Iterator[Section]:
    """Yield the sections of a page that have blocks."""
    text = page.read_text("utf-8")
    headings = [*HEADING.finditer(without_blocks(text))]
    starts = [0, *(heading.start() for heading in headings)]
    titles = ["", *(heading[2] for heading in headings)]
    for title, start, end in zip(titles, starts, [*starts[1:], len(text)], strict=True):
        found = tuple(_blocks(text[start:end], text.count("\n", 0, start)))
        if found:
            yield Section(page, title, found)


def _blocks(text: str, lines_before: int) -> Iterator[Block]:
    for match in BLOCK.finditer(text):
        language, _, name = match["info"].partition(" ")
        said = COMMENT.findall(match["comments"])
        notes = dict(said)
        line = lines_before + text.count("\n", 0, match.end("comments")) + 1
        yield Block(
            language,
            name,
            textwrap.dedent(match["text"]),
            line,
            notes.get("not run"),
            tuple(command for what, command in said if what == "before"),
            tuple(map(int, re.findall(r"\d+", notes.get("exit status", "")))),
        )


ALL = tuple(section for page in PAGES for section in sections(page))


def main() -> None:
    """Count the blocks, and list those that aren't run."""
    counted = Counter(block.language for section in ALL for block in section.blocks)
    print(", ".join(f"{count} {language}" for language, count in counted.most_common()))  # noqa: T201
    for section in ALL:
        for block in section.blocks:
            if block.not_run:
                print(f"{section.page.relative_to(ROOT)}:{block.line}: {block.not_run}")  # noqa: T201


if __name__ == "__main__":
    main()
