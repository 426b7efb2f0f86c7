"""TLS is verified: who it is, and who says so."""

from collections.abc import Callable
from pathlib import Path

import trustme

from tests.plugins.webhook.conftest import Notice, Receiver, make_ban, wait

MakeNotice = Callable[..., Notice]


def test_whoever_the_authority_knows_is_told(
    secure: Receiver, make_notice: MakeNotice, ca_file: Path
) -> None:
    """An authority of the operator's own."""
    make_notice(secure.url("localhost"), ca_file=ca_file).plugin.ban(make_ban())
    wait(lambda: secure.requests, "the request")


def test_an_unknown_authority_is_not_trusted(secure: Receiver, make_notice: MakeNotice) -> None:
    """The system doesn't know it; nothing is sent."""
    notice = make_notice(secure.url("localhost"))
    notice.plugin.ban(make_ban())
    wait(lambda: "its certificate can't be trusted" in "".join(notice.problems), "it says so")
    assert secure.requests == []


def test_another_name_is_not_trusted(
    secure: Receiver, make_notice: MakeNotice, ca_file: Path
) -> None:
    """A certificate for localhost isn't one for 127.0.0.1."""
    notice = make_notice(secure.url("127.0.0.1"), ca_file=ca_file)
    notice.plugin.ban(make_ban())
    wait(lambda: "IP address mismatch" in "".join(notice.problems), "it says so")
    assert secure.requests == []


def test_whoever_speaks_no_tls_gets_nothing(receiver: Receiver, make_notice: MakeNotice) -> None:
    """There is no way back to plain HTTP."""
    notice = make_notice(receiver.url("localhost").replace("http", "https"), timeout="1s")
    notice.plugin.ban(make_ban())
    wait(lambda: notice.problems, "it fails")
    assert receiver.requests == []


def test_a_file_of_authorities_may_change(
    secure: Receiver, make_notice: MakeNotice, ca_file: Path, tmp_path: Path
) -> None:
    """The next attempt trusts whom it names then."""
    file = tmp_path / "trusted.pem"
    trustme.CA().cert_pem.write_to_path(file)
    notice = make_notice(secure.url("localhost"), ca_file=file)
    notice.plugin.ban(make_ban())
    wait(lambda: "its certificate can't be trusted" in "".join(notice.problems), "it says so")
    ca_file.replace(file)
    wait(lambda: notice.count("sent_total") == 1, "it is taken")
