"""The page on operations names metrics that there are."""

import re

from tests.docs.pages import ROOT
from tests.docs.site import Site

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_its_metrics_are_those_of_a_running_agent(site: Site) -> None:
    """An alert on a metric that nobody has never comes."""
    site.start_agent()
    metrics = f"curl --silent --unix-socket {site.socket} http://localhost/metrics"
    families = re.findall(
        r"^# TYPE (\w+) (\w+)", site.run(metrics, site.directory).said, re.MULTILINE
    )
    there = {name for name, _ in families}
    there |= {f"{name}_bucket" for name, kind in families if kind == "histogram"}
    named = set(re.findall(r"\bwebfail2ban_[a-z_]+", PAGE))
    assert named <= there
