from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest

from tests.plugins.jails.conftest import Rig
from webfail2ban import Failure, Offers

CLIENT = "192.0.2.1"

WEB: dict[str, Any] = {"found_by": "observe", "maxretry": 3}


def count(rig: Rig, weight: int = 1, user: str | None = None) -> None:
    """Let another plugin report a failure, or a success."""
    fields = {"user": user} if user else {}
    failure = Failure("web", ip_address(CLIENT), rig.clock(), weight, ("status=401",), fields)
    rig.plugin.count_failures([failure])


def test_failures_that_another_plugin_finds_ban(rig: Callable[..., Rig]) -> None:
    """Without a filter; what they say is kept with the ban."""
    jails = rig(jails={"web": WEB})
    for _ in range(3):
        assert not jails.is_banned(CLIENT)
        count(jails)
    (ban,) = jails.bans
    assert (ban.jail, ban.lines) == ("web", ("status=401",) * 3)


@pytest.mark.parametrize(
    ("reset", "user", "forgiven"),
    [("address", None, True), ("user", None, False), ("user", "a", True), ("user", "b", False)],
)
def test_successes_take_failures_back_where_they_may(
    rig: Callable[..., Rig], reset: str, user: str | None, forgiven: bool
) -> None:
    """As those of a successregex: by default only those for the user who got in."""
    jails = rig(jails={"web": {**WEB, "reset_on_success": reset}})
    for weight, name in ((2, "a"), (0, user), (1, "a")):
        count(jails, weight, name)
    assert jails.is_banned(CLIENT) is not forgiven


def test_its_limits_name_who_finds_them(rig: Callable[..., Rig]) -> None:
    """In place of the filter."""
    (status,) = rig(jails={"web": WEB}).plugin.status(None).jails
    assert status.limits["found_by"] == "observe"
    assert "filter" not in status.limits


@pytest.mark.parametrize(
    ("jail", "plugins", "said"),
    [
        ({}, [], "web.found_by names observe, which isn't among the plugins"),
        ({"bans_of": ["*"]}, ["observe"], "web.found_by means nothing to a jail with bans_of"),
        ({"filter": "sshd"}, ["observe"], "web.filter means nothing to a jail with found_by"),
        ({"successregex": ["x"]}, ["observe"], "web.successregex means nothing to a jail with"),
    ],
)
def test_what_contradicts_it_is_refused(
    rig: Callable[..., Rig], jail: dict[str, Any], plugins: list[str], said: str
) -> None:
    """A plugin that isn't there finds nothing, and lines are not looked at."""
    jails = rig(jails={"web": WEB}, plugins=plugins)
    settings = type(jails.settings).model_validate({"web": {**WEB, **jail}})
    found = jails.plugin.check_settings(
        settings, jails.engine_settings, again=False, offers=Offers()
    )
    (problem,) = [f"{'.'.join(map(str, p.path))} {p.message}" for p in found]
    assert problem.startswith(said)
