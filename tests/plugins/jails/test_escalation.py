from math import inf
from typing import Any

import pytest

from webfail2ban_jails.escalation import MAX_COUNT, Escalation
from webfail2ban_jails.settings import JailSettings

MINUTE, HOUR, DAY = 60, 3600, 86_400


def escalation(chance: float = 0, **settings: Any) -> Escalation:
    words = {name.replace("bantime_", "bantime."): value for name, value in settings.items()}
    return Escalation(JailSettings.model_validate(words), lambda: chance)


def lengths(bans: int, **settings: Any) -> list[float]:
    growing = escalation(**settings)
    return [growing.seconds(count) for count in range(bans)]


def test_without_increment_every_ban_is_the_same() -> None:
    """Whatever else is set."""
    assert lengths(3, bantime="10m", bantime_factor=7) == [600, 600, 600]


def test_by_default_a_ban_takes_twice_as_long_as_the_last_one() -> None:
    """From the second on."""
    assert lengths(4, bantime="10m", bantime_increment=True) == [600, 1200, 2400, 4800]


def test_five_minutes_doubled_up_to_a_day() -> None:
    """What is known elsewhere as initial_ban_time, escalation_factor 2 and max_ban_time."""
    bans = lengths(12, bantime="5m", bantime_increment=True, bantime_maxtime="24h")
    assert bans[:5] == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE, 80 * MINUTE]
    assert bans[8:] == [1280 * MINUTE, DAY, DAY, DAY]


def test_the_factor_counts_from_the_second_ban_on() -> None:
    """As in fail2ban."""
    bans = lengths(3, bantime=60, bantime_increment=True, bantime_factor="3/2")
    assert bans == [60, 180, 360]


def test_multipliers_go_before_the_formula() -> None:
    """The last one holds for all that follow."""
    bans = lengths(
        5,
        bantime=60,
        bantime_increment=True,
        bantime_multipliers="1 5 30",
        bantime_formula="ban.Time",
    )
    assert bans == [60, 300, 1800, 1800, 1800]


@pytest.mark.parametrize("written", ["1 5 30", "1, 5, 30", [1, 5, 30], "1.0 5 30"])
def test_multipliers_are_written_in_several_ways(written: Any) -> None:
    """As in fail2ban's files, and as a list."""
    settings = JailSettings.model_validate({"bantime.multipliers": written})
    assert list(settings.bantime_multipliers) == [1.0, 5.0, 30.0]
    single = JailSettings.model_validate({"bantime.multipliers": 4})
    assert list(single.bantime_multipliers) == [4.0]


def test_a_formula_of_ones_own() -> None:
    """One hour more each time."""
    bans = lengths(
        3, bantime="1h", bantime_increment=True, bantime_formula="ban.Time + 3600 * ban.Count"
    )
    assert bans == [HOUR, 2 * HOUR, 3 * HOUR]


def test_no_ban_is_shorter_than_bantime() -> None:
    """Neither by a formula nor by maxtime."""
    assert lengths(2, bantime=60, bantime_increment=True, bantime_formula="1") == [60, 60]
    assert lengths(2, bantime=60, bantime_increment=True, bantime_maxtime=30) == [60, 60]


def test_chance_adds_to_repeated_bans() -> None:
    """On top of maxtime, and not to the first one, as in fail2ban."""
    settings = {
        "bantime": 60,
        "bantime_increment": True,
        "bantime_maxtime": 100,
        "bantime_rndtime": 50,
    }
    assert lengths(3, chance=0.5, **settings) == [60, 125, 125]


def test_chance_is_another_each_time() -> None:
    """Nobody can tell when a ban ends."""
    words = {"bantime.increment": True, "bantime.rndtime": "1h"}
    growing = Escalation(JailSettings.model_validate(words))
    found = {growing.seconds(1) for _ in range(20)}
    assert len(found) > 10
    assert all(1200 <= seconds <= 1200 + HOUR for seconds in found)


def test_what_grows_beyond_all_numbers_is_for_ever() -> None:
    """Or ends at maxtime."""
    steep = {"bantime_increment": True, "bantime_formula": "ban.Time * math.exp(1000 * ban.Count)"}
    assert lengths(2, **steep) == [600, inf]
    assert lengths(2, bantime_maxtime="1w", **steep) == [600, 7 * DAY]


def test_a_permanent_ban_grows_no_longer() -> None:
    """It never ends."""
    assert lengths(3, bantime=-1, bantime_increment=True, bantime_maxtime="1h") == [inf] * 3


def test_there_is_no_end_to_counting() -> None:
    """A client may be banned as often as it likes."""
    growing = escalation(bantime_increment=True, bantime_formula="ban.Time * ban.Count")
    assert growing.seconds(10 * MAX_COUNT) == 600 * MAX_COUNT


def test_a_formula_that_breaks_later_is_found_before() -> None:
    """At the seventh ban there would be nothing to do about it."""
    with pytest.raises(ValueError, match=r"^can't be computed when ban\.Count is 7: division"):
        escalation(bantime_increment=True, bantime_formula="600 / (7 - ban.Count)").check()
