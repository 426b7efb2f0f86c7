from pathlib import Path

import pytest

from tests.doctor.findings import agents, names, spoe, web
from tests.doctor.sites import CFG, GOOD_CFG, GOOD_SPOE, SPOE, Case, edit, find_all, make_site
from webfail2ban.doctor.catalogue import FAMILIES, examine
from webfail2ban.doctor.finding import Finding
from webfail2ban.doctor.findings import own, program

SHOWN = [case for part in (names, spoe, agents, web) for case in part.SHOWN]
FINE = [case for part in (names, spoe, agents, web) for case in part.FINE]

#: Those that others find: HAProxy itself, and the check of our own configuration.
OF_OTHERS = {kind.name for kind in (program.REFUSED, program.WARNED, own.WRONG, own.DOUBTFUL)}


def texts(case: Case) -> dict[str, str]:
    """Return the case's files, by the names in findings."""
    return {CFG: edit(GOOD_CFG, case.cfg), SPOE: edit(GOOD_SPOE, case.spoe)}


def line_of(finding: Finding, files: dict[str, str]) -> str:
    return files[finding.file].splitlines()[finding.line - 1].strip() if finding.line else ""


def test_a_good_site_has_no_finding(tmp_path: Path) -> None:
    """It is what all the others differ from in a line or two."""
    assert find_all(tmp_path, Case("none")) == ()


@pytest.mark.parametrize("case", SHOWN, ids=str)
def test_what_is_wrong_is_found(tmp_path: Path, case: Case) -> None:
    """By its name, at its line, with what to write; and nothing else is."""
    found = find_all(tmp_path, case)
    assert {finding.name for finding in found} == {case.kind} | case.besides
    files = texts(case)
    ours = [finding for finding in found if finding.name == case.kind]
    assert case.line in {line_of(finding, files) for finding in ours}
    assert any(case.remedy in finding.remedy for finding in ours)
    assert all(finding.sentence and finding.remedy for finding in ours)


@pytest.mark.parametrize("case", FINE, ids=str)
def test_what_is_right_is_not_found(tmp_path: Path, case: Case) -> None:
    """It looks like what is wrong, and works."""
    assert find_all(tmp_path, case) == ()


@pytest.mark.parametrize("case", [case for case in SHOWN if case.mends], ids=str)
def test_the_text_to_paste_mends_it(tmp_path: Path, case: Case) -> None:
    """Written in the line's place, it leaves nothing to find."""
    files = texts(case)
    for finding in find_all(tmp_path, case):
        if finding.name == case.kind:
            lines = files[finding.file].splitlines()
            lines[finding.line - 1] = finding.remedy
            files[finding.file] = "\n".join(lines) + "\n"
            break
    site = make_site(tmp_path, case, *files.values())
    assert case.kind not in {finding.name for finding in examine(site)}


def test_a_socket_that_haproxy_may_use_is_fine(tmp_path: Path) -> None:
    """As a member of its group, or as anybody."""
    case = next(case for case in SHOWN if case.kind == "unix-forbidden")
    site = make_site(tmp_path, case)
    (tmp_path / "var/lib/haproxy/webfail2ban/spoa.sock").chmod(0o666)
    assert examine(site) == ()


def test_every_kind_is_shown_and_has_its_opposite() -> None:
    """A finding that no test shows may be none."""
    kinds = {kind.name for family in FAMILIES for kind in family.KINDS} - OF_OTHERS
    assert {case.kind for case in SHOWN} == kinds


def test_kinds_have_names_of_their_own() -> None:
    """Scripts go by them."""
    names_of_kinds = [kind.name for family in FAMILIES for kind in family.KINDS]
    assert len(names_of_kinds) == len(set(names_of_kinds))
