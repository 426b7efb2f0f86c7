"""A login that succeeded takes failures back."""

from collections.abc import Callable
from typing import Any

import pytest

MakeRig = Callable[..., Any]

FAILED = r"^host app: login of <F-USER>\S*</F-USER> failed from <HOST>$"
PASSED = r"^host app: login of <F-USER>\S*</F-USER> passed from <HOST>$"


@pytest.fixture
def app(rig: MakeRig) -> Callable[..., Any]:
    """Make one jail that knows failures and successes."""

    def make(**settings: Any) -> Any:
        jail = {"failregex": [FAILED], "successregex": [PASSED], "ignoreself": False, "maxretry": 3}
        return rig(jails={"app": jail | settings})

    return make


def fail(rig: Any, user: str, last: int = 1) -> None:
    rig.log(f"host app: login of {user} failed from 192.0.2.{last}")


def succeed(rig: Any, user: str, last: int = 1) -> None:
    rig.log(f"host app: login of {user} passed from 192.0.2.{last}")


def test_who_mistyped_and_then_got_in_counts_from_zero(app: Callable[..., Any]) -> None:
    """Twice as often as would ban."""
    jail = app()
    for _ in range(3):
        fail(jail, "bob")
        fail(jail, "Bob")
        succeed(jail, "bob")
    assert not jail.bans
    assert jail.plugin.jails["app"].forgiven == 3
    assert jail.plugin.jails["app"].failures == 6
    assert not jail.engine.store


def test_the_order_of_the_lines_decides(app: Callable[..., Any]) -> None:
    """Also in one block of them."""
    jail = app()
    line = "host app: login of bob {} from 192.0.2.1"
    jail.log(*[line.format(word) for word in ("failed", "failed", "passed", "failed", "failed")])
    assert not jail.bans
    jail.log(*[line.format(word) for word in ("failed", "passed")])
    assert len(jail.bans) == 1


def test_a_login_of_ones_own_forgives_no_tries_of_others_accounts(app: Callable[..., Any]) -> None:
    """Else an attacker with a valid account could try others' for ever."""
    jail = app()
    for _ in range(2):
        fail(jail, "victim")
        succeed(jail, "mallory")
    fail(jail, "mallory")
    succeed(jail, "mallory")
    assert len(jail.bans) == 1


def test_a_success_of_any_user_forgives_where_somebody_wants_it(app: Callable[..., Any]) -> None:
    """An office behind one address, whose people are trusted."""
    jail = app(reset_on_success="address")
    for _ in range(3):
        fail(jail, "bob")
        fail(jail, "eve")
        succeed(jail, "ann")
    assert not jail.bans


def test_a_success_without_a_user_forgives_only_where_no_user_is_asked_for(
    app: Callable[..., Any],
) -> None:
    """Nobody knows who got in."""
    nameless = {"successregex": [r"^host app: somebody passed from <HOST>$"]}
    strict, lenient = app(**nameless), app(**nameless, reset_on_success="address")
    for jail in (strict, lenient):
        for _ in range(2):
            fail(jail, "bob")
            fail(jail, "bob")
            jail.log("host app: somebody passed from 192.0.2.1")
    assert strict.bans
    assert not lenient.bans


def test_others_are_not_forgiven(app: Callable[..., Any]) -> None:
    """Nor is a ban lifted."""
    jail = app()
    for _ in range(3):
        fail(jail, "bob")
        succeed(jail, "bob", last=2)
    succeed(jail, "bob")
    assert jail.is_banned("192.0.2.1")


def test_who_owns_an_account_is_not_banned_with_those_who_try_it(app: Callable[..., Any]) -> None:
    """He mistyped while they were at it; the others go on being counted."""
    jail = app(count_by="user")
    fail(jail, "bob", last=1)
    fail(jail, "bob", last=2)
    succeed(jail, "bob", last=1)
    fail(jail, "bob", last=3)
    assert [str(ban.network) for ban in jail.bans] == ["192.0.2.2/32", "192.0.2.3/32"]


def test_without_a_successregex_nothing_is_forgiven(app: Callable[..., Any]) -> None:
    """It is off unless somebody wants it."""
    jail = app(successregex=())
    for _ in range(2):
        fail(jail, "bob")
        succeed(jail, "bob")
    fail(jail, "bob")
    assert jail.bans


def test_what_forgives_survives_a_restart(app: Callable[..., Any], rig: MakeRig) -> None:
    """Which user it was for is kept with the count."""
    before = app()
    fail(before, "bob")
    fail(before, "eve", last=2)
    after = rig(
        jails={"app": before.settings.root["app"].model_dump(by_alias=True, exclude_unset=True)},
        predecessor=before,
    )
    succeed(after, "bob")
    succeed(after, "bob", last=2)
    assert len(after.plugin.jails["app"].counter) == 1
