import json
from functools import partial

import pytest

from webfail2ban.config.tree import (
    Leaf,
    Mark,
    Path,
    Table,
    descend,
    graft,
    leaves,
    locate,
    locate_key,
    pack,
    plain,
    prune,
    show,
    unpack,
)
from webfail2ban.config.yamltext import compose

TEXT = """\
spoa:
  port: 12345
  hosts:
    - one
    - two: 2
flow: {a: 1}
empty:
"""


@pytest.fixture
def root() -> Table:
    node, problems = compose(TEXT, partial(Mark, "f"))
    assert isinstance(node, Table)
    assert problems == ()
    return node


def test_a_tree_says_what_was_written(root: Table) -> None:
    """Without places it is lists, dicts and values."""
    assert plain(root) == {
        "spoa": {"port": 12345, "hosts": ["one", {"two": 2}]},
        "flow": {"a": 1},
        "empty": None,
    }


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        (("spoa", "port"), 2, 9),
        (("spoa",), 1, 1),
        (("spoa", "hosts"), 3, 3),
        (("spoa", "hosts", 0), 4, 7),
        (("spoa", "hosts", 1, "two"), 5, 12),
        (("flow",), 6, 7),
        (("spoa", "missing", "deeper"), 1, 1),
        (("spoa", "hosts", 7), 3, 3),
        (("spoa", "port", 0), 2, 9),
        (("missing",), 1, 1),
        ((), 1, 1),
    ],
)
def test_a_setting_is_located_where_people_look(
    root: Table, path: Path, line: int, column: int
) -> None:
    """At its value, at its key if that is on an earlier line, or at what is around it."""
    assert locate(root, path) == Mark("f", line, column)


def test_a_key_is_located_itself(root: Table) -> None:
    """What has no key is located as a value is."""
    assert locate_key(root, ("spoa", "port")) == Mark("f", 2, 3)
    assert locate_key(root, ("spoa", "hosts", 0)) == Mark("f", 4, 7)
    assert locate_key(root, ("spoa", "nothing")) == Mark("f", 1, 1)


SCION = Leaf(Mark("env"), 5)


@pytest.mark.parametrize(
    "path", [("spoa", "port"), ("spoa", "new", "deep"), ("empty", "a"), ("new",), ("spoa",)]
)
def test_a_graft_makes_a_new_tree(root: Table, path: Path) -> None:
    """With tables made on the way; the old tree stays as it was."""
    before = plain(root)
    grafted = graft(root, path, SCION)
    assert descend(grafted, path) == SCION
    assert locate(grafted, path) == Mark("env")
    assert plain(root) == before


def test_a_graft_leaves_what_is_in_its_way(root: Table) -> None:
    """So the mistake in the file is found, and not hidden by a variable."""
    assert plain(graft(root, ("spoa", "port", "deep"), SCION)) == plain(root)


def test_what_is_pruned_is_gone(root: Table) -> None:
    """The rest stays; of a list nothing is taken, or the others' places would change."""
    assert plain(prune(root, ("spoa", "port"))) == plain(root) | {
        "spoa": {"hosts": ["one", {"two": 2}]}
    }
    for path in (("spoa", "new"), ("new",), ("spoa", "port", "deep"), ("spoa", "hosts", 0)):
        assert plain(prune(root, path)) == plain(root)


def test_all_values_are_visited(root: Table) -> None:
    """Each with its path."""
    assert [(show(path), leaf.value) for path, leaf in leaves(root)] == [
        ("spoa.port", 12345),
        ("spoa.hosts[0]", "one"),
        ("spoa.hosts[1].two", 2),
        ("flow.a", 1),
        ("empty", None),
    ]


def test_a_packed_tree_survives_json(root: Table) -> None:
    """Places and all."""
    assert unpack(json.loads(json.dumps(pack(root)))) == root
