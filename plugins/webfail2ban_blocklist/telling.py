"""How the lists are doing: for people, in words, and for Prometheus."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from math import isinf

from webfail2ban import Json, Metric, show_duration
from webfail2ban_blocklist.feed import Feed


def find_problems(feeds: Sequence[Feed]) -> Iterator[str]:
    """Say in words what is wrong."""
    for feed in feeds:
        name = f"feed {feed.name}"
        if feed.trouble and feed.info is None:
            yield f"{name}: there is no list yet: {feed.trouble}"
        elif feed.trouble:
            yield f"{name}: the last good list is {show_age(feed)} old: {feed.trouble}"
        if feed.held is not None:
            yield (
                f"{name}: a new list is held, as {feed.held.why}; "
                f"`webfail2ban feeds accept {feed.name}` puts it in force"
            )
        info = feed.info
        if info is not None and info.rejected > info.entries:
            yield f"{name}: {info.rejected:,} lines are rejected, and {info.entries:,} in force"


def show_age(feed: Feed) -> str:
    """Write a list's age: ``3d``, ``5h``."""
    seconds = feed.age or 0.0
    for unit in (86_400, 3600, 60):
        if seconds >= unit:
            return show_duration(seconds // unit * unit)
    return show_duration(float(round(seconds)))


def describe(feed: Feed) -> Json:
    """Return all that is known of a list."""
    info, held = feed.info, feed.held
    left = feed.due - feed.now()
    return {
        "name": feed.name,
        "where": feed.settings.where,
        "score": feed.settings.score,
        "entries": info.entries if info else 0,
        "rejected": info.rejected if info else 0,
        "examples": [asdict(example) for example in info.examples] if info else [],
        "ignored": info.ignored if info else 0,
        "hits": feed.hits,
        "age": feed.age,
        "refreshes": feed.refreshes,
        "failures": feed.failures,
        "trouble": feed.trouble,
        "activity": feed.activity,
        "next": None if isinf(left) else max(left, 0.0),
        "held": None if held is None else {"entries": held.info.entries, "why": held.why},
    }


def make_metrics(feeds: Sequence[Feed]) -> Sequence[Metric]:
    """Return the numbers, by feed."""
    infos = [(feed, feed.info) for feed in feeds if feed.info is not None]

    def count(name: str, words: str, *values: tuple[Feed, float]) -> Metric:
        return Metric(name, words, [({"feed": feed.name}, value) for feed, value in values])

    return (
        count(
            "feed_entries", "Entries of a list in force.", *((f, info.entries) for f, info in infos)
        ),
        count(
            "feed_rejected",
            "Lines of a list that are no entry, or are refused.",
            *((f, info.rejected) for f, info in infos),
        ),
        count(
            "feed_age_seconds",
            "Seconds since a list was last known to be up to date.",
            *((f, f.age) for f in feeds if f.age is not None),
        ),
        count(
            "feed_held", "Whether a new list is held.", *((f, f.held is not None) for f in feeds)
        ),
        count(
            "feed_hits_total",
            "Questions about a client on a list; a remembered answer isn't counted again.",
            *((f, f.hits) for f in feeds),
        ),
        count(
            "feed_refreshes_total", "Refreshes that succeeded.", *((f, f.refreshes) for f in feeds)
        ),
        count("feed_failures_total", "Refreshes that failed.", *((f, f.failures) for f in feeds)),
    )
