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
def test_what_is_not_taken_at_the_end_is_dropped_and_counted(
    behaviour: Callable[[object], object],
    receiver: Receiver,
    make_notice: MakeNotice,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The program waits for nobody."""
    receiver.usually = behaviour
    notice = make_notice(receiver.url(), retry_pause="1h", retry_longest="1h")
    fill(notice, 5)
    wait(lambda: receiver.requests, "the first")
    with gevent.Timeout(10):
        notice.stop()
    assert notice.count("dropped_total") == 5
    assert "webhook soc: 5 messages that waited are dropped" in caplog.text


def test_nobody_takes_over_from_something_else(receiver: Receiver, make_notice: MakeNotice) -> None:
    """The old plugin may be of a version that knew no mailboxes."""
    notice = make_notice(receiver.url())
    notice.plugin.take_over(object())
    assert notice.plugin.mailboxes == {}
