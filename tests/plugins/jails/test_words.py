"""Limits for clients of whom no plugin says that they are such."""

import pytest

from webfail2ban import Address, Offer, hookimpl
from webfail2ban.testing import check_config
from webfail2ban_jails import Jails

JAIL = "{failregex: ['^x <HOST>$'], maxretry: {default: 5, %s: 2}}"


class Places:
    """Says where clients are at home, and how the words for that begin."""

    @hookimpl
    def offer(self) -> Offer | None:
        return Offer(traits=frozenset({"country:", "as"}))

    @hookimpl
    def traits(self, address: Address) -> tuple[str, ...]:
        return ("country:DE", "AS64500") if address.version == 4 else ()


class Silent(Places):
    """Doesn't tell what it says."""

    @hookimpl
    def offer(self) -> None:
        return None


class Broken(Places):
    """Fails at telling."""

    @hookimpl
    def offer(self) -> Offer | None:
        raise LookupError("no places")


def warnings(word: str, **plugins: object) -> list[str]:
    listed = ", ".join(["jails", *plugins])
    text = f"plugins: [{listed}]\njails:\n  x: {JAIL % word}\n"
    found = check_config(text, jails=Jails, **plugins)
    assert not found.problems
    return [f"{warning.line}: {warning.key} {warning.message}" for warning in found.warnings]


@pytest.mark.parametrize("word", ["'country:DE'", "AS64500", "as64500"])
def test_words_that_a_plugin_says_are_fine(word: str) -> None:
    """In any case."""
    assert warnings(word, places=Places) == []


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("'contry:DE'", "contry:de, which no plugin says of a client; did you mean country:de?"),
        ("'zone:a'", "zone:a, which no plugin says of a client; they say as..., country:..."),
    ],
)
def test_a_word_that_none_says_is_warned_of(word: str, said: str) -> None:
    """The limit would be nobody's."""
    assert warnings(word, places=Places) == [f"3: jails.x.maxretry names {said}"]


def test_without_a_plugin_that_knows_clients_one_is_named() -> None:
    """It was probably forgotten."""
    (warning,) = warnings("AS64500")
    assert warning.endswith(
        "which no plugin says of a client; add a plugin that does, such as geoip"
    )


@pytest.mark.parametrize("plugin", [Silent, Broken])
def test_nothing_is_warned_of_where_a_plugin_does_not_tell(plugin: type) -> None:
    """It may say anything."""
    assert warnings("'zone:a'", places=plugin) == []


def test_what_default_says_is_warned_of_once() -> None:
    """Not again for each jail; a jail's own is."""
    text = """\
plugins: [jails]
jails:
  DEFAULT: {maxretry: {default: 5, AS64500: 2}, failregex: ['^x <HOST>$']}
  one: {}
  two: {findtime: {default: 5m, AS64501: 1h}}
"""
    found = check_config(text, jails=Jails).warnings
    assert [(it.line, it.key) for it in found] == [
        (3, "jails.DEFAULT.maxretry"),
        (5, "jails.two.findtime"),
    ]
