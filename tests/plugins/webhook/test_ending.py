"""What waits at a reload, and at the end."""

from collections.abc import Callable

import gevent
import pytest

from tests.plugins.webhook.conftest import Notice, Receiver, answer, close, hang, make_ban, wait

MakeNotice = Callable[..., Notice]


def fill(notice: Notice, count: int) -> None:
    for number in range(1, count + 1):
        notice.plugin.ban(make_ban(number))


def test_what_waits_goes_over_at_a_reload(receiver: Receiver, make_notice: MakeNotice) -> None:
    """With the counts, and told by the new one only, in its order."""
    receiver.usually = answer(500)
    old = make_notice(receiver.url(), body="{network}")
    fill(old, 3)
    wait(lambda: old.problems, "it fails")
    new = make_notice(receiver.url(), body="new {network}", before=old)
    assert new.count("waiting") == 3
    receiver.usually = hang  # the old one may be at it
    old.stop()
    receiver.requests.clear()
    receiver.usually = answer(200)
    wait(lambda: new.count("sent_total") == 3, "all are taken")
    assert receiver.bodies == ["new 192.0.2.1", "new 192.0.2.2", "new 192.0.2.3"]


def test_what_is_on_its_way_at_a_reload_is_not_lost(
    receiver: Receiver, make_notice: MakeNotice
) -> None:
    """Whoever is ended while it sends puts the message back."""
    receiver.behaviours = [hang]
    old = make_notice(receiver.url(), body="{network}")
    fill(old, 1)
    wait(lambda: receiver.requests, "it is on its way")
    new = make_notice(receiver.url(), body="{network}", before=old)
    old.stop()
    wait(lambda: new.count("sent_total") == 1, "it is taken")
    assert receiver.bodies == ["192.0.2.1", "192.0.2.1"]


def test_a_reload_that_fails_leaves_the_old_one_at_work(
    receiver: Receiver, make_notice: MakeNotice
) -> None:
    """The new one lets go of what it took over."""
    receiver.usually = answer(500)
    old = make_notice(receiver.url(), body="{network}")
    fill(old, 2)
    wait(lambda: old.problems, "it fails")
    make_notice(receiver.url(), before=old).stop()
    receiver.usually = answer(200)
    fill(old, 1)
    wait(lambda: old.count("sent_total") == 3, "all are taken")
    assert old.count("dropped_total") == 0


def test_what_waits_is_sent_at_the_end(receiver: Receiver, make_notice: MakeNotice) -> None:
    """If it is taken at once: the rate doesn't matter any more."""
    notice = make_notice(receiver.url(), rate=0.001, body="{network}")
    fill(notice, 5)
    wait(lambda: receiver.requests, "the first")
    notice.stop()
    assert receiver.bodies == [f"192.0.2.{number}" for number in range(1, 6)]


@pytest.mark.parametrize("behaviour", [hang, close, answer(500)])
def test_what_is_not_taken_at_the_end_is_told_after_the_next_start(
    behaviour: Callable[[object], object],
    receiver: Receiver,
    make_notice: MakeNotice,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The program waits for nobody; what is new comes behind it."""
    receiver.usually = behaviour
    notice = make_notice(receiver.url(), retry_pause="1h", retry_longest="1h")
    fill(notice, 5)
    wait(lambda: receiver.requests, "the first")
    with gevent.Timeout(10):
        notice.stop()
    assert notice.count("dropped_total") == 5
    assert "webhook soc: 5 messages wait for the next start" in caplog.text
    receiver.usually = answer(200)
    receiver.requests.clear()
    after = make_notice(receiver.url(), body="{network}", restarted=notice)
    after.plugin.ban(make_ban(9))
    wait(lambda: after.count("sent_total") == 6, "all are taken")
    assert receiver.bodies == [f"192.0.2.{number}" for number in (1, 2, 3, 4, 5, 9)]
    assert not notice.engine.store


def test_what_is_too_old_after_a_restart_is_not_told(
    receiver: Receiver, make_notice: MakeNotice
) -> None:
    """Nor what is for somebody who isn't told any more, or what another version kept."""
    receiver.usually = answer(500)
    notice = make_notice(receiver.url(), retry_for="1h", retry_pause="30m")
    fill(notice, 2)
    wait(lambda: receiver.requests, "the first")
    notice.stop()
    store = notice.engine.store
    assert len(store) == 2
    assert {until - notice.engine.now() for _, until in store.values()} == {3600.0}
    store |= {"other\t0": next(iter(store.values())), "soc\t9": ("[1]", notice.engine.now() + 9)}
    notice.engine.clock.turn(3601)
    store["soc\t8"] = ("nonsense", notice.engine.now() + 9)
    after = make_notice(receiver.url(), restarted=notice)
    assert after.count("waiting") == 0


def test_nobody_takes_over_from_something_else(receiver: Receiver, make_notice: MakeNotice) -> None:
    """The old plugin may be of a version that knew no mailboxes."""
    notice = make_notice(receiver.url())
    notice.plugin.take_over(object())
    assert notice.plugin.mailboxes == {}
