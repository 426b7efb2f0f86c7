from functools import partial
from typing import Any

import pytest
import yaml

from webfail2ban.config import yamltext
from webfail2ban.config.tree import Mark, plain
from webfail2ban.config.yamltext import MAX_DEPTH, compose
from webfail2ban.errors import ConfigurationError


@pytest.fixture(autouse=True, params=["CSafeLoader", "SafeLoader"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of PyYAML's parsers: which one there is depends on how it was built."""
    monkeypatch.setattr(yamltext, "LOADER", getattr(yaml, request.param))


def read(text: str) -> Any:
    """Return what YAML says that has nothing wrong."""
    node, problems = compose(text, partial(Mark, "f"))
    assert problems == ()
    return None if node is None else plain(node)


def minor(text: str) -> list[str]:
    """Return what is wrong with YAML that can be read."""
    return [str(problem) for problem in compose(text, partial(Mark, "f"))[1]]


def fatal(text: str) -> list[str]:
    """Return what is wrong with YAML that can't be read."""
    with pytest.raises(ConfigurationError) as caught:
        compose(text, partial(Mark, "f"))
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# nothing\n", None),
        ("---\n", None),
        ("a: 1\nb: [x, 'y', \"z\\n\"]\n", {"a": 1, "b": ["x", "y", "z\n"]}),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        ("a: '5'\nb: !!str 5\nc: ! 5\n", {"a": "5", "b": "5", "c": "5"}),
        ("{a: {b: [1, {c: 2}]}}", {"a": {"b": [1, {"c": 2}]}}),
        ("!!map {a: !!seq [1]}", {"a": [1]}),
    ],
)
def test_yaml_is_read(text: str, value: object) -> None:
    """Blocks, flows, quotes and YAML's own tags."""
    assert read(text) == value


def test_keys_are_text_whatever_they_look_like() -> None:
    """A jail may be called no, and a port may be a key."""
    assert read("22: a\nno: b\ntrue: c\n~: d\n1.50: e\n") == {
        "22": "a",
        "no": "b",
        "true": "c",
        "~": "d",
        "1.50": "e",
    }


def test_an_alias_repeats_what_its_anchor_names() -> None:
    """Values, lists, mappings and keys."""
    assert read("a: &x [1]\nb: *x\nc: &k key\n? *k\n: 2\n") == {
        "a": [1],
        "b": [1],
        "c": "key",
        "key": 2,
    }


def test_a_merge_key_copies_entries() -> None:
    """What the mapping says itself wins, then the mapping that is named first."""
    text = "a: &a {x: 1, y: 1, z: 1}\nb: &b {y: 2, w: 2}\nc: {z: 3, <<: [*b, *a]}\nd: {<<: *a}\n"
    assert read(text)["c"] == {"x": 1, "y": 2, "z": 3, "w": 2}
    assert read(text)["d"] == {"x": 1, "y": 1, "z": 1}


def test_a_quoted_merge_key_is_a_key() -> None:
    """Only the bare sign merges."""
    assert read("'<<': 1") == {"<<": 1}


@pytest.mark.parametrize("text", ["a: {<<: 1}", "a: {<<: [1]}"])
def test_only_mappings_are_merged(text: str) -> None:
    """A value has no entries to copy."""
    assert minor(text) == ["f:1:5: a: << merges mappings only"]


def test_a_key_that_is_set_twice_is_a_mistake() -> None:
    """Each time, with its path and with the place of the first."""
    assert minor("a:\n  b: 1\n  c: 2\n  b: 3\na: 4\n") == [
        "f:4:3: a.b: is set twice (first in line 2); only one can hold",
        "f:5:1: a: is set twice (first in line 1); only one can hold",
    ]


def test_a_key_must_be_text() -> None:
    """Its value is left out, the rest is read."""
    node, problems = compose("[1]: 2\nb: 3\n", partial(Mark, "f"))
    assert node is not None
    assert plain(node) == {"b": 3}
    assert [str(problem) for problem in problems] == ["f:1:1: a key must be text, not a collection"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: !x {}", "f:1:4: a: the tag !x means nothing here"),
        ("a: !!set {}", "f:1:4: a: the tag !!set means nothing here"),
        ("a: !!binary eA==", "f:1:4: a: the tag !!binary means nothing here"),
        ("a: !!int x", "f:1:4: a: must be what its tag !!int says"),
        (
            "a: !!python/object/apply:os.system [ls]",
            "f:1:4: a: the tag !!python/object/apply:os.system means nothing here",
        ),
    ],
)
def test_tags_construct_nothing(text: str, problem: str) -> None:
    """Whatever they name."""
    assert minor(text) == [problem]


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ("a: b: c", "f:1:5: ", "text that holds a colon needs quotes"),
        ("a:\n\t- b", "f:2:1: ", "indent with spaces, never with tabs"),
        ("a: @b", "f:1:4: ", "text that begins with such a character needs quotes"),
        ('a: "\\d"', "f:1:", "in 'single quotes' a backslash is just a backslash"),
        ("a: 'x\n", "f:2:1: ", ""),
        ("%YAML 9.0\n---\n", "f:1:1: ", ""),
        ("a: [1\n", "f:2:1: ", ""),
    ],
)
def test_a_slip_of_the_pen_is_located(text: str, where: str, hint: str) -> None:
    """With a hint where one is known."""
    (problem,) = fatal(text)
    assert problem.startswith(where + "is no YAML: " if where[-1] == " " else where)
    assert problem.endswith(hint)


def test_what_was_wrong_before_is_said_too() -> None:
    """A document that ends in a mistake may hold others."""
    first, second = fatal("a: 1\na: 2\nb: [")
    assert first == "f:2:1: a: is set twice (first in line 1); only one can hold"
    assert "is no YAML" in second


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &x [*x]", "f:1:8: a[0]: *x stands inside of what it repeats"),
        ("a: *x", "f:1:4: a: *x repeats what no &x has named"),
        ("a: 1\n---\nb: 1\n", "f:2:1: a second document begins: only one can be read"),
        ("a: x\x07y", "f:1:5: the character U+0007 can't stand in YAML"),
        ("a: 1\nb: \udc80", "f:2:4: the character U+DC80 can't stand in YAML"),
    ],
)
def test_what_can_not_be_read_says_why(text: str, problem: str) -> None:
    """In a sentence of our own."""
    assert fatal(text) == [problem]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_nesting_has_a_limit(opening: str) -> None:
    """Long before anything runs out of stack."""
    (problem,) = fatal(opening * 5000)
    assert problem.endswith(f"is nested deeper than {MAX_DEPTH} levels")


def test_aliases_count_as_what_they_repeat() -> None:
    """Depth by depth: no chain of them nests deeper than brackets could."""
    chain = "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 60))
    (problem,) = fatal(chain)
    assert problem.endswith(f"is nested deeper than {MAX_DEPTH} levels")


def test_a_billion_laughs_are_cut_short() -> None:
    """Ten lines that repeat each other ten times would fill the memory."""
    bomb = "a0: &a0 [" + "ha, " * 10 + "]\n"
    bomb += "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 10}]\n" for n in range(1, 10))
    (problem,) = fatal(bomb)
    assert problem.endswith("holds more than 250000 values")
