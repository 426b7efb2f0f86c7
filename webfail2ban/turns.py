"""Taking turns: how long work lets verdicts pass in between."""

import gevent

#: Above all other watchers of the event loop, which then need not be done for our turn to come.
FIRST = 2


def give_way() -> None:
    """Let everybody who is ready have his turn, whoever waits for bytes among them.

    ``gevent.sleep(0)`` doesn't do that: gevent looks for what has arrived only after fifty such
    turns (`gevent.libev.corecext`, ``_run_callbacks``), so work in slices of a millisecond would
    keep HAProxy waiting for fifty of them. An idle watcher has the loop go round once.
    """
    gevent.idle(FIRST)
