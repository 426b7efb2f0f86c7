"""The engine is killed while it works, again and again: nothing is lost, nothing comes twice."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.crashes import MAXRETRY, Victim

#: Two at the same time, because a start takes longer than the life that follows.
VICTIMS = 2

#: For each of them.
KILLS = 25


def kill_again_and_again(victim: Victim) -> None:
    """Live and die, while the logs grow."""
    victim.begin()
    try:
        victim.kill()
        for _ in range(KILLS):
            victim.start()
            victim.live()
            victim.kill()
    finally:
        victim.end()


def check(victim: Victim) -> None:
    """Hold what is there at the end against what was written."""
    victim.start()
    victim.wait_for_ready()
    victim.check_lasting()
    victim.settle()
    assert {number: times for number, times in victim.tally().items() if times > 1} == {}
    guilty = {client for client, failures in victim.failed.items() if failures == MAXRETRY}
    assert victim.find_banned() == guilty
    victim.stop()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_whoever_is_killed_goes_on_where_it_stood(tmp_path: Path) -> None:
    """Reported bans hold from the first verdict on; each line counts once, also across files."""
    directories = [tmp_path / str(number) for number in range(VICTIMS)]
    for directory in directories:
        directory.mkdir()
    victims = [Victim(directory, seed) for seed, directory in enumerate(directories)]
    with ThreadPoolExecutor(VICTIMS) as threads, ExitStack() as stack:
        for victim in victims:
            stack.callback(victim.clean_up)
        list(threads.map(kill_again_and_again, victims))
        assert sum(victim.kills for victim in victims) >= 50
        assert all(victim.lasting for victim in victims)
        list(threads.map(check, victims))
