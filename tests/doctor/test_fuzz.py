from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.doctor.findings import agents, names, spoe, web
from tests.doctor.sites import GOOD_CFG, GOOD_SPOE, Case, edit, make_site
from webfail2ban.doctor.catalogue import examine
from webfail2ban.doctor.compose import find

CASES = [case for part in (names, spoe, agents, web) for case in (*part.SHOWN, *part.FINE)]


@st.composite
def broken(draw: st.DrawFn, text: str) -> str:
    """A text with some lines cut, doubled or taken out, and some with strange words."""
    lines = text.splitlines()
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(lines) - 1))
        words = lines[place].split()
        kept = draw(st.integers(0, len(words)))
        lines[place] = draw(
            st.sampled_from(
                [
                    " ".join(words[:kept]),
                    " ".join(words[kept:]),
                    lines[place] + draw(st.sampled_from([" if", " -f", " {", '"', " (", " = \\"])),
                    f"{lines[place]}\n{lines[place]}",
                    draw(st.text(max_size=20)),
                ]
            )
        )
    return "\n".join(lines) + "\n"


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_configuration_is_too_strange(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever an operator has typed so far: what is found has a place and a sentence."""
    root = tmp_path_factory.getbasetemp() / "fuzz"
    case = data.draw(st.sampled_from(CASES))
    cfg = data.draw(broken(edit(GOOD_CFG, case.cfg)))
    message = data.draw(broken(edit(GOOD_SPOE, case.spoe)))
    site = make_site(root, Case("none", own=case.own, version=case.version), cfg, message)
    for finding in examine(site):
        assert finding.sentence
        assert finding.remedy


@pytest.mark.parametrize(
    "line",
    [
        "    bind :{0}",
        "    timeout client {0}s",
        ".if version_atleast({0}.{0})",
        ".if {0}",
        "    http-request track-sc{0} src",
        "    http-request deny if {{ sc_http_req_rate({0}) gt 5 }}",
        "    http-request deny if {{ sc_get_gpt({0},{0}) gt 5 }}",
        "    http-request set-src req.hdr_ip(x-forwarded-for,{0})",
        "    server x 127.0.0.1:{0}",
    ],
)
def test_no_number_is_too_long(tmp_path: Path, line: str) -> None:
    """Python itself refuses to read one of so many digits."""
    for head in ("frontend web\n", "backend webfail2ban-agents\n"):
        cfg = edit(GOOD_CFG, ((head, f"{head}{line.format('9' * 5000)}\n"),))
        assert all(finding.sentence for finding in examine(make_site(tmp_path, Case("none"), cfg)))


@pytest.mark.parametrize(
    "text", ["", "[]", "services: 1", "services: {a: 1, b: [1]}", "services: {a: {ports: [[]]}}"]
)
def test_no_compose_file_is_too_strange(tmp_path: Path, text: str) -> None:
    """What isn't there is no finding."""
    path = tmp_path / "compose.yaml"
    path.write_text(text, "utf-8")
    assert list(find(make_site(tmp_path, Case("none")), path)) == []
