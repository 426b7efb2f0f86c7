"""Files that a whitelist can't be made of are told before the start."""

from pathlib import Path

from webfail2ban_whitelist import Whitelist, WhitelistSettings


def problems(*files: Path) -> list[str]:
    settings = WhitelistSettings.model_validate({"files": files})
    found = list(Whitelist().check_settings(settings))
    assert all(problem.warning for problem in found)  # it may be mended while we run
    return [f"{problem.path} {problem.message}" for problem in found]


def test_a_list_is_fine(tmp_path: Path) -> None:
    """With its comments."""
    path = tmp_path / "list"
    path.write_text("# ours\n192.0.2.1\n")
    assert problems(path) == []


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its place among the settings."""
    path = tmp_path / "list"
    assert problems(path) == [f"('files', 0) {path} can't be read: No such file or directory"]


def test_the_first_bad_line_is_told(tmp_path: Path) -> None:
    """And how many others there are."""
    path = tmp_path / "list"
    path.write_text("192.0.2.1\nhost.example\nother.example\n")
    (said,) = problems(path)
    assert said.startswith(f"('files', 0) {path}:2: 'host.example' is no address and no network")
    assert said.endswith("; the line is skipped (1 more like it)")
