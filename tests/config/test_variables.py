from functools import partial
from typing import Any

import pytest

from webfail2ban.config import Models, Settings
from webfail2ban.config.tree import Mark, Table, show
from webfail2ban.config.variables import settings_of, variable, variables
from webfail2ban.config.yamltext import compose

TEXT = """\
jails:
  postfix-sasl: {filter: a}
  post.fix: {filter: b}
tags: {}
"""


@pytest.fixture
def root() -> Table:
    node, _ = compose(TEXT, partial(Mark, "f"))
    assert isinstance(node, Table)
    return node


@pytest.fixture
def sections(models: Models) -> dict[str, Any]:
    return {"jails": models["jails"], "tail": models["tail"], "tags": dict[str, str]}


def test_a_setting_has_a_variable() -> None:
    """Whatever signs are in its names."""
    assert variable(("jails", "postfix-sasl", "maxretry")) == "FAIL2BAN_JAILS_POSTFIX_SASL_MAXRETRY"


@pytest.mark.parametrize(
    ("rest", "paths"),
    [
        ("TAIL", ["tail"]),
        ("TAIL_FILES", ["tail.files"]),
        ("TAIL_FILE", []),
        ("TAIL_FILES_0", []),
        ("TAILS", []),
        ("", []),
        ("JAILS_POSTFIX_SASL_MAXRETRY", ["jails.postfix-sasl.maxretry"]),
        ("JAILS_POST_FIX", ["jails.post.fix"]),
        ("JAILS_POSTFIX_SASL_INCREMENT_FACTOR", ["jails.postfix-sasl.increment.factor"]),
        ("JAILS_NEW_ONE_MAXRETRY", ["jails.new_one.maxretry"]),
        ("JAILS_NEW", []),
        ("JAILS__MAXRETRY", []),
        ("JAILS_SERVICE_HOST", []),
        ("JAILS_NEW_INCREMENT_FACTOR", ["jails.new.increment.factor"]),
        ("TAGS_SOME_NAME", ["tags.some_name"]),
    ],
)
def test_a_variable_means_a_setting(
    root: Table, sections: dict[str, Any], rest: str, paths: list[str]
) -> None:
    """Names of the file go before new ones; a new one needs a setting after it."""
    found = settings_of(f"FAIL2BAN_{rest}", sections, root)
    assert [show(path) for path, _ in found] == paths


def test_a_variable_can_mean_several_settings(root: Table, models: Models) -> None:
    """Then all are told, so that nobody guesses."""
    found = settings_of("FAIL2BAN_JAILS_X_BANTIME_INCREMENT", {"jails": models["jails"]}, root)
    assert [show(path) for path, _ in found] == [
        "jails.x.bantime_increment",
        "jails.x_bantime.increment",
    ]


def test_names_of_the_file_can_look_the_same(models: Models) -> None:
    """A variable knows no signs but one."""
    node, _ = compose("jails:\n  a-b: {filter: x}\n  a_b: {filter: x}\n", partial(Mark, "f"))
    assert isinstance(node, Table)
    found = settings_of("FAIL2BAN_JAILS_A_B_MAXRETRY", {"jails": models["jails"]}, node)
    assert [show(path) for path, _ in found] == ["jails.a-b.maxretry", "jails.a_b.maxretry"]


class Nested(Settings):
    inner: "Nested | None" = None


def test_a_model_that_holds_itself_has_an_end(root: Table) -> None:
    """Nobody wants suggestions that deep."""
    assert variables({"a": Nested}, root)[-1] == "FAIL2BAN_A_INNER_INNER_INNER_INNER_INNER"


def test_the_variables_of_a_file_are_known(root: Table, sections: dict[str, Any]) -> None:
    """Of every section and setting, under the names that the file has."""
    known = variables(sections, root)
    assert "FAIL2BAN_TAIL" in known
    assert "FAIL2BAN_TAIL_LABEL" in known
    assert "FAIL2BAN_JAILS_POSTFIX_SASL_INCREMENT_FACTOR" in known
    assert "FAIL2BAN_JAILS_POST_FIX_BANTIME" in known
    assert len(known) == len(set(known))
