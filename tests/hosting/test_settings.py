import sys
from collections.abc import Callable, Iterable, Iterator

import pytest
from pydantic import RootModel

from tests.plugged import plugged
from webfail2ban import Offer, Offers, Settings, hookimpl
from webfail2ban.config import (
    Configuration,
    EngineSettings,
    Models,
    check,
    examine,
    parse,
)
from webfail2ban.errors import ConfigurationError, PluginError
from webfail2ban.hosting.loader import Plugins
from webfail2ban.hosting.settings import check_settings, configure, judge
from webfail2ban.model import SettingsProblem

TEXT = """\
plugins: [one, two]
one:
  path: /a
two:
  path: /b
"""


class Paths(Settings):
    path: str


class Checked:
    """A plugin whose check is what it is given.

    Attributes:
        given: What `configure` got.
    """

    Settings = Paths

    def __init__(self, check: Callable[[Paths], Iterable[SettingsProblem] | None]) -> None:
        self._check = check
        self.given: list[tuple[Paths, EngineSettings]] = []

    @hookimpl
    def check_settings(self, settings: Paths) -> Iterable[SettingsProblem] | None:
        return self._check(settings)

    @hookimpl
    def configure(self, settings: Paths, engine_settings: EngineSettings) -> None:
        self.given.append((settings, engine_settings))


class Refusing:
    def __init__(self, error: BaseException) -> None:
        self._error = error

    @hookimpl
    def configure(self) -> None:
        raise self._error


def fine(_settings: Paths) -> None:
    """Find nothing wrong."""


def missing(settings: Paths) -> Iterator[SettingsProblem]:
    yield SettingsProblem(("path",), f"{settings.path} is not there")


def raises(settings: Paths) -> Iterator[SettingsProblem]:
    yield from missing(settings)
    raise LookupError("no disk")


def leaves(_settings: Paths) -> None:
    sys.exit(1)


def nonsense(_settings: Paths) -> list[SettingsProblem]:
    bad: list[SettingsProblem] = []
    bad.append("it is wrong")  # type: ignore[arg-type]
    return bad


def configuration(plugins: Plugins) -> Configuration:
    return check(parse(TEXT, "config.yaml"), plugins.models)


def problems(
    *checks: Callable[[Paths], Iterable[SettingsProblem] | None],
) -> list[str]:
    one, two = checks
    plugins = plugged(one=Checked(one), two=Checked(two))
    with pytest.raises(ConfigurationError) as caught:
        check_settings(plugins, configuration(plugins))
    return str(caught.value).splitlines()


def test_settings_that_are_right_pass() -> None:
    """None and an empty list mean the same."""
    plugins = plugged(one=Checked(fine), two=Checked(lambda _: []))
    check_settings(plugins, configuration(plugins))


def test_every_problem_of_every_plugin_is_told_with_its_place() -> None:
    """As for any mistake in the file."""
    assert problems(missing, missing) == [
        "config.yaml:3:9: one.path: /a is not there",
        "config.yaml:5:9: two.path: /b is not there",
    ]


def doubtful(settings: Paths) -> Iterator[SettingsProblem]:
    yield SettingsProblem(("path",), f"{settings.path} is odd", warning=True)


def test_warnings_stop_nothing() -> None:
    """They are told with their place all the same."""
    plugins = plugged(one=Checked(doubtful), two=Checked(fine))
    [warning] = check_settings(plugins, configuration(plugins))
    assert str(warning) == "config.yaml:3:9: one.path: /a is odd"


def test_a_plugin_is_told_that_it_was_asked_before() -> None:
    """What takes long and only yields warnings needn't be done again."""
    told = []

    class Forgetful:
        @hookimpl
        def check_settings(self, again: bool) -> None:
            told.append(again)

    plugins = plugged(one=Forgetful())
    whole = check(parse("plugins: [one]"), plugins.models)
    check_settings(plugins, whole)
    check_settings(plugins, whole, again=True)
    assert told == [False, True]


def test_a_plugin_is_told_what_others_have() -> None:
    """Of each kind all, or that it isn't known: one that isn't loaded may have anything."""
    told: list[Offers] = []

    class Curious:
        @hookimpl
        def check_settings(self, offers: Offers) -> None:
            told.append(offers)

    class Jailer:
        @hookimpl
        def offer(self) -> Offer:
            return Offer(jails=frozenset({"sshd"}))

        @hookimpl
        def count_failures(self) -> None:
            """Count nothing."""

    for listed, plugins in (
        ("one, two", plugged(one=Curious(), two=Jailer())),
        ("one", plugged(one=Curious())),
        ("one, two", plugged(one=Curious())),
    ):
        names: Models = {**plugins.models, "two": None}
        check_settings(plugins, check(parse(f"plugins: [{listed}]"), names))
    empty: frozenset[str] = frozenset()
    assert told == [Offers(frozenset({"sshd"}), empty), Offers(empty, empty), Offers()]


def test_what_is_wrong_is_no_warning() -> None:
    """Whoever mends it sees the warnings then."""
    assert problems(doubtful, missing) == ["config.yaml:5:9: two.path: /b is not there"]


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (raises, "LookupError: no disk"),
        (leaves, "SystemExit: 1"),
        (nonsense, "TypeError: 'it is wrong' is no SettingsProblem"),
    ],
)
def test_a_plugin_that_cannot_check_is_a_problem_itself(
    check: Callable[[Paths], Iterable[SettingsProblem] | None], said: str
) -> None:
    """The other plugins are asked all the same."""
    told = problems(check, missing)
    assert f"one: can't be checked: the plugin raised {said}" in "\n".join(told)
    assert told[-1].endswith("two.path: /b is not there")


def test_every_plugin_gets_its_settings() -> None:
    """And the engine's."""
    one, two = Checked(fine), Checked(fine)
    plugins = plugged(one=one, two=two)
    whole = configuration(plugins)
    configure(plugins, whole)
    assert one.given == [(Paths(path="/a"), whole.engine)]
    assert two.given == [(Paths(path="/b"), whole.engine)]


def test_every_plugin_that_refuses_its_settings_is_named() -> None:
    """Also one that would rather end the program."""
    plugins = plugged(one=Refusing(LookupError("no disk")), two=Refusing(SystemExit(1)))
    whole = check(parse("plugins: [one, two]"), plugins.models)
    with pytest.raises(PluginError) as caught:
        configure(plugins, whole)
    assert caught.value.problems == (
        "plugin one: LookupError: no disk",
        "plugin two: SystemExit: 1",
    )


class Names(RootModel[dict[str, Paths]]):
    pass


class Listed:
    """A plugin whose settings are a mapping of names."""

    Settings = Names

    @hookimpl
    def check_settings(self, settings: Names) -> Iterator[SettingsProblem]:
        for name, paths in settings.root.items():
            yield SettingsProblem((name, "path"), f"{paths.path} is not there")


def all_problems(text: str, plugins: Plugins) -> list[str]:
    document = parse(text, "config.yaml")
    return [str(found) for found in judge(plugins, examine(document, plugins.models)).problems]


def test_a_plugin_is_asked_although_another_section_is_wrong() -> None:
    """Whoever mends a file wants to see all of it at once; in the file's order."""
    plugins = plugged(one=Checked(missing), two=Checked(missing))
    text = "plugins: [one, two]\ntwo: {path: /b}\none: {paht: /a}\nlog: {level: loud}\n"
    assert all_problems(text, plugins) == [
        "config.yaml:2:13: two.path: /b is not there",
        "config.yaml:3:6: one.path: is missing",
        "config.yaml:3:7: one.paht: is no setting; did you mean path?",
        "config.yaml:4:14: log.level: must be debug, info, warning or error, not 'loud'",
    ]


def test_a_name_is_looked_at_although_another_one_is_wrong() -> None:
    """In a section that is a mapping of names."""
    text = "plugins: [one]\none:\n  a: {path: /a}\n  b: {path: 7}\n  c: 8\n  d: {path: /d}\n"
    assert all_problems(text, plugged(one=Listed())) == [
        "config.yaml:3:13: one.a.path: /a is not there",
        "config.yaml:4:13: one.b.path: must be text, not 7; put it in quotes",
        "config.yaml:5:6: one.c: must be a mapping: lines of key: value, not 8",
        "config.yaml:6:13: one.d.path: /d is not there",
    ]


def test_a_name_is_looked_at_by_what_of_it_is_right() -> None:
    """A word that is no setting changes nothing about the others."""
    text = "plugins: [one]\none:\n  a: {path: /a, size: 7}\n"
    assert all_problems(text, plugged(one=Listed())) == [
        "config.yaml:3:13: one.a.path: /a is not there",
        "config.yaml:3:17: one.a.size: is no setting; there are path",
    ]


def test_nothing_is_said_about_what_was_left_out() -> None:
    """Without it the rest may only seem wrong."""

    class Part(Settings):
        path: str = "/default"

    class Parts(RootModel[dict[str, Part]]):
        pass

    class Plugin(Listed):
        Settings = Parts  # type: ignore[assignment]

    text = "plugins: [one]\none:\n  a: {path: 7}\n"
    assert len(all_problems(text, plugged(one=Plugin()))) == 1


def test_a_section_that_is_no_mapping_at_all_is_one_problem() -> None:
    """There is nothing in it to look at."""
    assert len(all_problems("plugins: [one]\none: 7\n", plugged(one=Listed()))) == 1


def test_no_plugin_is_asked_where_its_filters_may_be_elsewhere() -> None:
    """It would name every one of them as missing."""
    text = TEXT + "filter: {dirs: 7}\n"
    plugins = plugged(one=Checked(missing), two=Checked(missing))
    [only] = all_problems(text, plugins)
    assert "filter.dirs" in only
