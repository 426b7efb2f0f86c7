"""A verdict is never older than the ban it speaks of."""

import time
from collections.abc import Sequence

from tests.e2e.agent import BRIEF
from tests.e2e.load import Load, Seen
from tests.e2e.probe import Probe
from tests.e2e.waiting import wait_until

CLIENTS = ("192.0.2.70", "192.0.2.71", "2001:db8:70::1")

#: Bans end by the time of day, the test measures by the monotonic clock: seconds that they may
#: drift apart meanwhile.
DRIFT = 0.02


def test_a_ban_holds_to_its_end_and_no_longer(probe: Probe) -> None:
    """Under load whoever was refused once is refused until his ban is over, and then no more."""
    with Load(probe, CLIENTS) as load:
        for _ in range(2):
            load.go_on()
            before, attacked = len(load.seen), time.monotonic()
            for client in CLIENTS:
                probe.agent.attack(client)
            for status in (403, 200):
                wait_until(lambda: last_statuses(load.seen) == {status}, f"all get {status}")  # noqa: B023
            for client in CLIENTS:
                check(attacked, [seen for seen in load.seen[before:] if seen.client == client])


def last_statuses(seen: Sequence[Seen]) -> set[int]:
    """Return the statuses of each client's last request."""
    last = {each.client: each.answer.status for each in seen}
    return set(last.values())


def check(attacked: float, seen: Sequence[Seen]) -> None:
    """Check what one client saw since the line was sent that bans him.

    The ban began between that moment and his first refusal, and lasts `BRIEF` seconds.
    """
    refused = next(each.received for each in seen if each.answer.status == 403)
    since = [each for each in seen if each.sent > refused]
    within = [each for each in since if each.received < attacked + BRIEF - DRIFT]
    after = [each for each in since if each.sent > refused + BRIEF + DRIFT]
    assert {each.answer.status for each in within} == {403}
    assert {each.answer.status for each in after} <= {200}
