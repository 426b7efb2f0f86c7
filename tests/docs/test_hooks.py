"""What the website does to the pages that are written for forges."""

from docs.mkdocs import hooks


def shown(text: str) -> str:
    return hooks.translate(text, hooks.ROOT / "haproxy" / "README.md")


def test_a_blocks_file_stands_above_it() -> None:
    """Forges show nothing of it, but its language's colours."""
    assert shown("```yaml config.yaml\na: 1\n```\n") == "`config.yaml`:\n\n```yaml\na: 1\n```\n"


def test_what_is_said_to_the_tests_is_left_out() -> None:
    """A comment before a block, also one of several lines."""
    assert shown("<!-- before: a\nb -->\n```console\n$ c\n```\n") == "```console\n$ c\n```\n"


def test_links_lead_to_pages_of_the_site() -> None:
    """Wherever they are in the repository."""
    assert shown("[a](../docs/http.md#b)\n") == "[a](http.md#b)\n"
    assert shown("[a](../README.md)\n") == "[a](index.md)\n"
    assert shown("[a](#b) [c](https://example.org/)\n") == "[a](#b) [c](https://example.org/)\n"


def test_links_to_other_files_lead_to_copies() -> None:
    """Those to folders are words."""
    assert shown("[a](demo.cfg) [b](../plugins)\n") == "[a](files/haproxy/demo.cfg) b\n"


def test_a_link_that_is_broken_stays_so() -> None:
    """MkDocs complains of it."""
    assert shown("[a](no-such.md)\n") == "[a](no-such.md)\n"


def test_lists_are_what_python_markdown_takes_for_lists() -> None:
    """Set off from the paragraph before them, and indented by four."""
    assert shown("Read:\n- a\n  b\n- c\n") == "Read:\n\n- a\n    b\n- c\n"
    assert shown("1. a\n\n   b\n2. c\n") == "1. a\n\n    b\n\n2. c\n"


def test_blocks_stay_as_they_are() -> None:
    """Lists of YAML are none of Markdown's."""
    text = "```yaml\n- a:\n  b\nx: [c](../plugins)\n```\n"
    assert shown(text) == text
