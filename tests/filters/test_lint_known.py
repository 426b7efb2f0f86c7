"""What is said of filters that are in use: fail2ban's, and our own."""

from pathlib import Path

import pytest

from webfail2ban.errors import FilterError
from webfail2ban.filters import read_filter
from webfail2ban.filters.confirmation import confirm
from webfail2ban.filters.findings import FindingKind
from webfail2ban.filters.lint import lint_filter

SHIPPED = Path(__file__).parents[2] / "plugins" / "webfail2ban_jails" / "filter.d"

#: Each found in Debian's fail2ban 1.0.2, and what the expressions do; by hand, see each.
EXPONENTIAL = {
    "apache-modsecurity", "assp", "courier-auth", "domino-smtp", "dovecot", "exim", "grafana",
    "slapd",
}  # fmt: skip
POLYNOMIAL = {
    "apache-badbots", "lighttpd-auth", "php-url-fopen", "pure-ftpd", "recidive", "uwimap-auth",
}  # fmt: skip
UNANCHORED = {"oracleims", "portsentry", "roundcube-auth"}
AMBIGUOUS = {"pure-ftpd"}


@pytest.mark.parametrize(
    "name",
    [
        *(path.stem for path in sorted(SHIPPED.glob("[!_]*.conf"))),
        "dovecot[mode=aggressive]",
        "dovecot[mode=login]",
        "nginx-auth[mode=errorlog]",
        "nginx-scan[mode=aggressive]",
        "postfix[mode=aggressive]",
        "sogo[proxies=1]",
        "sshd[mode=aggressive]",
    ],
)
def test_our_own_filters_have_no_findings(name: str) -> None:
    """In no mode."""
    assert lint_filter(read_filter(name, dirs=[SHIPPED])) == ()


def test_the_packaged_filters_have_these_findings_and_no_others(filter_dir: Path) -> None:
    """Whoever changes what is looked for sees what it does to ninety filters."""
    found: dict[FindingKind, set[str]] = {kind: set() for kind in FindingKind}
    for path in filter_dir.glob("*.conf"):
        try:
            findings = lint_filter(read_filter(path.stem, dirs=[filter_dir]))
        except FilterError:
            continue  # those that others include
        for finding in findings:
            found[finding.kind].add(path.stem)

    assert found == {
        FindingKind.BACKTRACKS_EXPONENTIALLY: EXPONENTIAL,
        FindingKind.BACKTRACKS_POLYNOMIALLY: POLYNOMIAL,
        FindingKind.UNANCHORED: UNANCHORED,
        FindingKind.AMBIGUOUS_ADDRESS: AMBIGUOUS,
        FindingKind.HOST_NAMES: set(),
    }


@pytest.mark.parametrize("name", sorted(EXPONENTIAL | POLYNOMIAL | UNANCHORED | AMBIGUOUS))
def test_what_is_found_is_so(name: str, filter_dir: Path) -> None:
    """Each example was tried: `re` isn't done with it, or finds the wrong address."""
    definition = read_filter(name, dirs=[filter_dir])

    for finding in lint_filter(definition):
        assert confirm(definition, finding, 0.3), finding
