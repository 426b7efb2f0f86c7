"""What globs mean."""

from pathlib import Path

import pytest

from webfail2ban_tail.patterns import drop_generations, drop_links, expand, list_directories


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a/x.log", "a/y.log", "a/.z.log", "a/x.log.gz", "b/x.log", "[c]/x.log"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def test_expands_a_path(tree: Path) -> None:
    """A path leads to itself, if something is there."""
    assert expand(tree / "a/x.log") == [tree / "a/x.log"]
    assert expand(tree / "a/w.log") == []


def test_expands_a_glob(tree: Path) -> None:
    """A glob leads to what matches, without hidden files."""
    assert expand(tree / "a/*.log") == [tree / "a/x.log", tree / "a/y.log"]
    assert expand(tree / "?/x.log") == [tree / "a/x.log", tree / "b/x.log"]


def test_excludes_names(tree: Path) -> None:
    """What is excluded isn't meant."""
    assert expand(tree / "a/x*", ["*.gz"]) == [tree / "a/x.log"]


def test_drops_generations(tree: Path) -> None:
    """Rotated files beside their log are its past."""
    names = ["x.log", "x.log.1", "x.log-20240131", "y.log.1", "x-1.log"]
    kept = drop_generations(tree / name for name in names)
    assert [path.name for path in kept] == ["x.log", "y.log.1", "x-1.log"]


def test_drops_links(tree: Path) -> None:
    """A file that is there by itself isn't read through a link too, nor twice through two."""
    for name, target in (("one", "a/x.log"), ("two", "b/x.log"), ("three", "b/x.log")):
        (tree / name).symlink_to(tree / target)
    paths = [tree / name for name in ("one", "two", "three", "a/x.log")]
    assert drop_links(paths) == [tree / "two", tree / "a/x.log"]


def test_names_the_directory_of_a_path(tree: Path) -> None:
    """A file appears in its directory."""
    assert list_directories(tree / "a/x.log") == {tree / "a"}


def test_names_the_directory_in_which_one_will_appear(tree: Path) -> None:
    """As long as a directory isn't there, the one above it matters."""
    assert list_directories(tree / "d/e/x.log") == {tree}


def test_names_all_directories_of_a_glob(tree: Path) -> None:
    """Both more directories and more files may appear."""
    assert list_directories(tree / "[ab]/*.log") == {tree, tree / "a", tree / "b"}
    assert list_directories(tree / "*/e/x.log") == {tree, tree / "a", tree / "b", tree / "[c]"}
