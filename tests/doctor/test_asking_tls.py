from pathlib import Path

import pytest

from tests.doctor.verdicts import Verdicts, ask, findings
from tests.serving import LOOPBACK
from tests.tls.certificates import NAME, Pki
from tests.tls.serving import TlsServing


def test_tls_is_spoken_as_the_servers_line_says(tmp_path: Path) -> None:
    """With its authority, its name, and HAProxy's own certificate."""
    pki = Pki(tmp_path)
    with TlsServing(Verdicts(), pki.settings(client_ca=True)) as serving:
        where = (
            f"{LOOPBACK}:{serving.port} ssl verify required ca-file {pki.ca_file} "
            f"verifyhost {NAME} crt {pki.client()}"
        )
        assert not findings(ask(tmp_path, where))


@pytest.mark.parametrize("options", ["", " verifyhost other.example"])
def test_a_certificate_that_can_not_be_trusted_is_found(tmp_path: Path, options: str) -> None:
    """Of another authority, or for another name; the reason is told."""
    pki = Pki(tmp_path)
    authority = pki.ca_file if options else pki.client_ca_file
    with TlsServing(Verdicts(), pki.settings()) as serving:
        where = f"{LOOPBACK}:{serving.port} ssl verify required ca-file {authority}{options}"
        (finding,) = findings(ask(tmp_path, where))
    assert finding.name == "agent-unreachable"
    assert "verif" in finding.sentence


def test_nothing_is_verified_where_the_line_says_so(tmp_path: Path) -> None:
    """HAProxy wouldn't, either; another finding says that."""
    with TlsServing(Verdicts(), Pki(tmp_path).settings()) as serving:
        assert not findings(ask(tmp_path, f"{LOOPBACK}:{serving.port} ssl verify none"))


def test_plain_spop_to_an_agent_with_tls_is_found(tmp_path: Path) -> None:
    """It closes, or says something that is no SPOP."""
    with TlsServing(Verdicts(), Pki(tmp_path).settings()) as serving:
        (finding,) = findings(ask(tmp_path, f"{LOOPBACK}:{serving.port}"))
    assert finding.name in {"agent-refuses", "agent-unreachable"}
