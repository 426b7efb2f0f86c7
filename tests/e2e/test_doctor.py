"""What the doctor says of HAProxy is what HAProxy does."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.doctor.findings import agents, names, spoe, web
from tests.doctor.sites import CFG, GOOD_CFG, GOOD_SPOE, SPOE, Case, edit, find_all
from webfail2ban.doctor.haproxy import check, read_version

pytestmark = pytest.mark.haproxy3

CASES = [case for part in (names, spoe, agents, web) for case in part.SHOWN]

#: Kinds of which the doctor says that HAProxy refuses the configuration.
REFUSED = frozenset(
    {
        "filter-condition",
        "lua-outside-global",
        "set-on-error-default",
        "spoe-prefix-invalid",
        "spoe-message-missing",
        "var-without-match",
        "spoe-backend-missing",
        "spoe-engine-missing",
        "backend-missing",
        "file-missing",
    }
)

#: Those of which it says that `haproxy -c` sees nothing.
UNSEEN = frozenset(
    {
        "spoe-prefix",
        "spoe-scope",
        "spoe-filter-missing",
        "spoe-unread",
        "set-on-error-verdict",
        "rule-too-early",
        "agent-check-plain",
        "counter-untracked",
        "header-forgeable",
        "stats-socket-directory",
    }
)


def write(root: Path, case: Case, cfg: str = "", spoe: str = "") -> Path:
    """Write a case's files, with the directory for their names; return that of haproxy.cfg."""
    (root / "etc/haproxy").mkdir(parents=True, exist_ok=True)
    table = "backend t\n    stick-table type ip size 1k store gpc0,gpt(2),http_req_rate(1m)\n"
    for name, text in ((CFG, (cfg or edit(GOOD_CFG, case.cfg)) + table), (SPOE, spoe)):
        moved = (text or edit(GOOD_SPOE, case.spoe)).replace(
            "/etc/haproxy/", f"{root}/etc/haproxy/"
        )
        (root / name.strip("/")).write_text(moved, "utf-8")
    return root / CFG.strip("/")


def accepts(binary: Path, path: Path) -> tuple[bool, str]:
    ran = subprocess.run([binary, "-c", "-f", path], capture_output=True, text=True, check=False)
    return ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("case", [case for case in CASES if case.kind in REFUSED | UNSEEN], ids=str)
def test_haproxy_refuses_what_we_say_that_it_refuses(
    binary: Path, tmp_path: Path, case: Case
) -> None:
    """And sees nothing where we say so."""
    accepted, said = accepts(binary, write(tmp_path, case))
    assert accepted is (case.kind in UNSEEN), said


MENDED = [
    case
    for case in CASES
    if case.mends and case.version == (2, 8) and not case.files and "ssl" not in case.line
]


def test_haproxy_takes_every_text_to_paste(binary: Path, tmp_path: Path) -> None:
    """Written in the place of the line that is found."""
    refused = {}
    for case in MENDED:
        files = {CFG: edit(GOOD_CFG, case.cfg), SPOE: edit(GOOD_SPOE, case.spoe)}
        found = [one for one in find_all(tmp_path, case) if one.name == case.kind]
        lines = files[found[0].file].splitlines()
        lines[found[0].line - 1] = found[0].remedy
        files[found[0].file] = "\n".join(lines) + "\n"
        text = re.sub(r"agent\.example\b.*", "", files[CFG])
        accepted, said = accepts(binary, write(tmp_path, case, text, files[SPOE]))
        if not accepted:
            refused[str(case)] = said
    assert not refused


def test_what_haproxy_says_itself_is_found(binary: Path, tmp_path: Path) -> None:
    """With its place; a good configuration has nothing to say of."""
    path = write(tmp_path, Case("none"))
    assert list(check(binary, [path])) == []
    path = write(tmp_path, Case("none", cfg=(("    bind :80\n", "    bind :80\n    nosuch x\n"),)))
    (finding,) = check(binary, [path])
    assert (finding.name, finding.where) == ("haproxy-refuses", f"{path}:22")
    assert "nosuch" in finding.sentence


def test_the_version_is_read(binary: Path) -> None:
    """Whoever built it."""
    version = read_version(binary)
    assert version is not None
    assert version >= (2, 6)
