"""Which files are read for a filter, and in which order."""

from collections.abc import Callable
from pathlib import Path

from webfail2ban.filters.layers import layer_files, read_layers

Writer = Callable[[str, str], Path]


def test_local_files_come_after_conf_files_and_folders_in_order(
    write: Writer, tmp_path: Path
) -> None:
    """Name, its folder sorted, and both again for ``.local``."""
    names = ["x.conf", "x.d/1.conf", "x.d/2.conf", "x.local", "x.d/1.local"]
    for name in reversed(names):
        write(name, "[A]\n")
    write("y.conf", "[A]\n")
    write("x.d/readme", "no filter")

    assert layer_files(tmp_path / "x") == [tmp_path / name for name in names]


def test_includes_are_read_before_and_after(write: Writer) -> None:
    """Each a line, relative to the file that asks; those that are missing are left out."""
    first = write("common/first.conf", "[A]\na = first\nb = first\nc = first")
    last = write("last.conf", "[A]\nc = last")
    main = write(
        "main.conf",
        """\
        [INCLUDES]
        before = common/first.conf
                 missing.conf
        after = last.conf
                missing.local
        [A]
        b = main
        c = main
        """,
    )

    configuration = read_layers([main])

    assert configuration.paths == [first, main, last]
    assert configuration.sections["A"] == {"a": "first", "b": "main", "c": "last"}


def test_a_before_file_is_followed_by_its_local_one(write: Writer) -> None:
    """So the operator's changes to a shared file reach every filter, once."""
    before = write("common.conf", "[INCLUDES]\nafter = common.local\n[A]\na = 1")
    local = write("common.local", "[A]\na = %(known/a)s 2")
    main = write("main.conf", "[INCLUDES]\nbefore = common.conf")

    configuration = read_layers([main])

    assert configuration.paths == [before, local, main]
    assert configuration.get("A", "a") == "1 2"


def test_a_local_file_is_read_though_nothing_includes_it(write: Writer) -> None:
    """The shared file needn't ask for it."""
    paths = [write("common.conf", "[A]\n"), write("common.local", "[A]\n")]
    paths.append(write("main.conf", "[INCLUDES]\nbefore = common.conf"))

    assert read_layers(paths[2:]).paths == paths


def test_absolute_includes_are_taken_as_they_are(write: Writer, tmp_path: Path) -> None:
    """A path that begins at the root."""
    before = write("elsewhere/common.conf", "[A]\na = 1")
    main = write("main.conf", f"[INCLUDES]\nbefore = {tmp_path}/elsewhere/common.conf")

    assert read_layers([main]).paths == [before, main]


def test_files_that_include_each_other_are_read_once(write: Writer) -> None:
    """What is already being read is left out."""
    main = write("main.conf", "[INCLUDES]\nbefore = other.conf\nafter = main.conf")
    other = write("other.conf", "[INCLUDES]\nbefore = main.conf\nafter = main.conf")

    assert read_layers([main]).paths == [other, main]


def test_the_names_of_includes_are_interpolated(write: Writer) -> None:
    """Like the values of any section."""
    before = write("shared.conf", "[A]\n")
    main = write("main.conf", "[DEFAULT]\nname = shared\n[INCLUDES]\nbefore = %(name)s.conf")

    assert read_layers([main]).paths == [before, main]


def test_a_before_file_is_also_looked_for_in_other_folders(write: Writer, tmp_path: Path) -> None:
    """So a folder of one's own filters can use the packaged ``common.conf``."""
    beside = write("own/near.conf", "[A]\n")
    write("packaged/near.conf", "[A]\n")
    packaged = write("packaged/far.conf", "[A]\n")
    main = write("own/main.conf", "[INCLUDES]\nbefore = near.conf\n  far.conf")

    assert read_layers([main], [tmp_path / "packaged"]).paths == [beside, packaged, main]
