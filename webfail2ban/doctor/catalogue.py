"""All kinds of findings, and all that looks for them."""

from collections.abc import Callable, Iterator

from webfail2ban.doctor import asking, compose, engine
from webfail2ban.doctor.finding import Finding, Kind, in_order
from webfail2ban.doctor.findings import (
    agents,
    backends,
    clients,
    files,
    filters,
    forwarded,
    headers,
    messages,
    names,
    own,
    program,
    reach,
    rules,
    stats,
)
from webfail2ban.doctor.site import Site

#: The families that look at what is written, in the order of their documentation.
FAMILIES = (
    names,
    filters,
    agents,
    messages,
    backends,
    reach,
    rules,
    forwarded,
    headers,
    clients,
    stats,
    program,
    files,
    own,
)

FINDERS: tuple[Callable[[Site], Iterator[Finding]], ...] = tuple(family.find for family in FAMILIES)

#: Every kind, by name.
KINDS: dict[str, Kind] = {
    kind.name: kind for family in (*FAMILIES, compose, asking, engine) for kind in family.KINDS
}


def examine(site: Site) -> tuple[Finding, ...]:
    """Return all that is found in what is written, but for what the operator means so."""
    meant = {(line.file, line.number): line.meant for line in site.all_lines()}
    found = [finding for find in FINDERS for finding in find(site)]
    return in_order(
        [
            finding
            for finding in found
            if finding.name not in meant.get((finding.file, finding.line), ())
        ]
    )
