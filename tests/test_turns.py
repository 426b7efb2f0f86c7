"""Work in slices lets others pass."""

import gevent
from gevent import socket

from webfail2ban.turns import give_way


def test_whoever_waits_for_bytes_has_his_turn() -> None:
    """After the first slice, not after the fiftieth."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        waiting = gevent.spawn(ours.recv, 1)
        give_way()
        theirs.send(b"x")
        give_way()
        give_way()
        assert waiting.ready()


def test_whoever_only_gives_way_is_kept_by_nobody() -> None:
    """Two that do so take turns."""
    order: list[str] = []

    def work(name: str) -> None:
        for _ in range(3):
            order.append(name)
            give_way()

    gevent.joinall([gevent.spawn(work, "a"), gevent.spawn(work, "b")])
    assert {*order[:2]} == {*order[2:4]} == {*order[4:]} == {"a", "b"}
