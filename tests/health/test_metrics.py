"""What Prometheus reads, through its own parser."""

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from webfail2ban.health.metrics import Metrics, Number, single
from webfail2ban.statuses import JailStatus, Metric, SourceStatus, Status
from webfail2ban.verdicts.tally import Tally

#: A sample's name, its labels and its value.
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(
    *numbers: Number, tally: Tally | None = None, statuses: Mapping[str, Status] | None = None
) -> Samples:
    registry = CollectorRegistry()
    tally = tally or Tally()
    registry.register(Metrics("1.2.3", tally, numbers, lambda: statuses or {}))
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: Any) -> float:
    return samples[f"webfail2ban_{name}", frozenset(labels.items())]


def test_verdicts_are_told_by_outcome_and_time() -> None:
    """The histogram's buckets hold whatever took no longer."""
    tally = Tally()
    for banned, seconds in ((True, 0.00003), (False, 0.0002), (False, 7.0)):
        tally.add(1, int(banned), seconds)
    samples = scrape(tally=tally)
    assert value(samples, "verdicts_total", outcome="banned") == 1
    assert value(samples, "verdicts_total", outcome="passed") == 2
    assert value(samples, "verdict_seconds_bucket", le="5e-05") == 1
    assert value(samples, "verdict_seconds_bucket", le="0.00025") == 2
    assert value(samples, "verdict_seconds_bucket", le="+Inf") == 3
    assert value(samples, "verdict_seconds_count") == 3
    assert value(samples, "verdict_seconds_sum") == 7.00023


def test_numbers_are_read_when_somebody_asks() -> None:
    """A counter by its name, everything else a gauge."""
    samples = scrape(
        Number("connections", "Now.", single(lambda: 3)),
        Number("errors_total", "Ever.", lambda: [(("13",), 2.0)], ("status",)),
    )
    assert value(samples, "connections") == 3
    assert value(samples, "errors_total", status="13") == 2


def test_the_version_is_told() -> None:
    """To see an upgrade among the other lines."""
    assert value(scrape(), "info", version="1.2.3") == 1


def test_jails_and_sources_of_all_plugins_are_told() -> None:
    """What nobody knows yet is left out."""
    jails = [JailStatus("sshd", lines=7, bans=2, clock_offset=-3.0), JailStatus("quiet")]
    sources = [SourceStatus("tail:/var/log/mail.log", 9, 1, 1000.0), SourceStatus("syslog")]
    samples = scrape(statuses={"jails": Status(jails=jails), "tail": Status(sources=sources)})
    assert value(samples, "jail_lines_total", jail="sshd") == 7
    assert value(samples, "jail_bans_total", jail="sshd") == 2
    assert value(samples, "jail_clock_offset_seconds", jail="sshd") == -3
    source = "tail:/var/log/mail.log"
    assert value(samples, "source_lines_total", source=source) == 9
    assert value(samples, "source_dropped_lines_total", source=source) == 1
    assert value(samples, "source_last_line_timestamp_seconds", source=source) == 1000
    offsets = [key for key in samples if key[0] == "webfail2ban_jail_clock_offset_seconds"]
    assert len(offsets) == 1


def test_a_plugins_own_numbers_carry_its_name() -> None:
    """Two plugins may count the same thing."""
    metric = Metric("sent_total", "Messages sent.", [({"to": "here"}, 4.0), ({}, 1.0)])
    statuses = {"one": Status(metrics=[metric]), "two": Status(metrics=[metric])}
    samples = scrape(statuses=statuses)
    assert value(samples, "sent_total", plugin="one", to="here") == 4
    assert value(samples, "sent_total", plugin="two", to="here") == 4
    assert value(samples, "sent_total", plugin="two", to="") == 1
