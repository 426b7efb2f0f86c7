"""What the website does to the pages, which are written for forges.

- Pages of other folders, such as haproxy/README.md, are pages of the site.
- Links to other files of the repository lead to copies of them; those to folders are no links.
- A block's file name, behind its language, stands above it.
- What is in a list is indented by four spaces, as Python-Markdown wants it.
- Comments, which say something to the tests, are left out.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

#: Pages from elsewhere, and what they are called here.
ADOPTED = {
    ROOT / "haproxy" / "README.md": "haproxy.md",
    ROOT / "bench" / "README.md": "benchmarks.md",
    ROOT / "CONTRIBUTING.md": "contributing.md",
    ROOT / "CHANGELOG.md": "changelog.md",
}

#: The forge's first page and the site's say the same.
NAMES = {**ADOPTED, ROOT / "README.md": "index.md"}

#: Where copies of the repository's other files are.
COPIES = "files"

COMMENT = re.compile(r"^[ ]*<!--.*?-->[ ]*\n", re.DOTALL | re.MULTILINE)
NAMED_BLOCK = re.compile(r"^( *)```(\w+) (\S+)$", re.MULTILINE)
FENCE = re.compile(r"^( *```).*?^\1[ ]*$", re.DOTALL | re.MULTILINE)
ITEM = re.compile(r"(-|\d+\.) +")
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Have headings the anchors that forges give them."""
    config.mdx_configs.setdefault("toc", {})["slugify"] = _slugify
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from elsewhere, and the files that any page links to."""
    for path, name in ADOPTED.items():
        files.append(File.generated(config, name, abs_src_path=str(path)))
    pages = [*DOCS.glob("*.md"), *ADOPTED]
    for target in sorted({file for page in pages for file in _copied(page)}):
        files.append(File.generated(config, _copy(target), abs_src_path=str(target)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Have each page translated."""
    return translate(markdown, Path(page.file.abs_src_path or ""))


def translate(markdown: str, source: Path) -> str:
    """Make the site's Markdown of a forge's.

    Args:
        markdown: The page.
        source: Where it is in the repository: links begin there.
    """
    text = COMMENT.sub("", markdown)
    text = NAMED_BLOCK.sub(r"\1`\3`:\n\n\1```\2", text)
    text = _outside_blocks(text, lambda part: LINK.sub(lambda link: _lead(source, link), part))
    return _indent_lists(text)


def _slugify(title: str, separator: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", separator)


def _outside_blocks(text: str, change: Callable[[str], str]) -> str:
    """Change a text, but for what is in blocks."""
    blocks = FENCE.finditer(text)
    parts, end = [], 0
    for block in blocks:
        parts += [change(text[end : block.start()]), block[0]]
        end = block.end()
    return "".join([*parts, change(text[end:])])


def _copied(page: Path) -> list[Path]:
    """Return the files outside of docs/ that a page links to."""
    targets = [_target(page, link[2]) for link in LINK.finditer(page.read_text("utf-8"))]
    return [target for target in targets if target and _is_copied(target)]


def _is_copied(target: Path) -> bool:
    return target.is_file() and target not in NAMES and DOCS not in target.parents


def _copy(target: Path) -> str:
    return f"{COPIES}/{target.relative_to(ROOT)}"


def _target(page: Path, link: str) -> Path | None:
    """Return what a link leads to; None if that isn't in the repository."""
    if "://" in link or link.startswith("mailto:"):
        return None
    target = Path(os.path.normpath(page.parent / link))
    return target if ROOT in target.parents else None


def _lead(page: Path, link: re.Match[str]) -> str:
    """Return a link as it is on the site; what isn't there is no link."""
    label, target = link[1], _target(page, link[2])
    if target is None or not target.exists():
        return link[0]
    if target.is_dir():
        return label
    if target in NAMES:
        place = NAMES[target]
    elif DOCS in target.parents:
        place = target.relative_to(DOCS).as_posix()
    else:
        place = _copy(target)
    return f"[{label}]({place}{link[3] or ''})"


def _indent_lists(text: str) -> str:
    """Indent what belongs to a list's item by four spaces, and set off items where need be.

    Python-Markdown sees no item right behind a paragraph, be it before the list or within it.
    """
    lines: list[str] = []
    width, several, in_block = 0, False, False
    for line in text.splitlines():
        in_block ^= line.startswith("```")
        item = None if in_block else ITEM.match(line)
        if item:
            if lines and lines[-1].strip() and (several or not width):
                lines.append("")
            width, several = item.end(), False
        elif not line.strip():
            several = True
        elif in_block or not line.startswith(" "):
            width = 0
        inside = width and not item and line.startswith(" " * width)
        lines.append(" " * (4 - width) + line if inside else line)
    return "\n".join(lines) + "\n"
