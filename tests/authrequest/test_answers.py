"""From a verdict to the head of a response."""

from http import HTTPStatus
from math import inf

import pytest

from tests.authrequest.heads import Response, responses
from webfail2ban.authrequest.answers import MAX_FURTHER, encode_verdict, refuse
from webfail2ban.model import Verdict

NOW = 1000.0


def answer(verdict: Verdict) -> Response:
    head, _ = encode_verdict(verdict, NOW)
    (found,) = responses(head + b"\r\n")
    return found


def told(verdict: Verdict) -> dict[str, str]:
    """Return what is told, without the prefix."""
    prefix = "x-webfail2ban-"
    headers = answer(verdict).headers.items()
    return {name.removeprefix(prefix): value for name, value in headers if prefix in name}


def test_who_is_not_banned_gets_200() -> None:
    """With the score, and nothing of a ban."""
    assert answer(Verdict()).status == 200
    assert told(Verdict(score=7)) == {"banned": "0", "score": "7"}


def test_who_is_banned_gets_403() -> None:
    """With all that is known of the ban."""
    verdict = Verdict(
        banned=True, score=100, reason="5 failures", jail="sshd", until=NOW + 59.5, valid_until=inf
    )
    assert answer(verdict).status == 403
    expected = {"banned": "1", "score": "100", "ttl": "60", "jail": "sshd", "reason": "5 failures"}
    assert told(verdict) == expected


def test_a_ban_without_an_end_has_the_ttl_of_one() -> None:
    """As HAProxy gets it."""
    assert told(Verdict(banned=True, until=inf))["ttl"] == "-1"


def test_an_answer_holds_as_long_as_its_ttl_is_right() -> None:
    """And no longer than the verdict."""
    _, until = encode_verdict(Verdict(banned=True, until=NOW + 10), NOW)
    assert until == NOW + 1
    assert encode_verdict(Verdict(valid_until=NOW + 5), NOW)[1] == NOW + 5


def test_variables_of_plugins_are_headers() -> None:
    """Those without a value aren't."""
    variables = (("country", "DE"), ("asn", 64500), ("bot_score", 3), ("city", None), ("zone", ""))
    found = told(Verdict(variables=variables))
    assert found == {
        "banned": "0", "score": "0", "country": "DE", "asn": "64500", "bot-score": "3"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nX-Webfail2ban-Banned: 1", "a??X-Webfail2ban-Banned: 1"),
        ("\0\x1b[31m\x7f", "??[31m?"),
        ("grüße \u2028\udcff", "gr??e ??"),
        ("  a  ", "a"),
        ("x" * 1000, "x" * 200),
    ],
)
def test_no_text_can_end_a_header(text: str, expected: str) -> None:
    """A client chooses his user name, and a reason may quote it."""
    found = told(Verdict(reason=text, variables=(("name", text),)))
    assert found["reason"] == expected
    assert found["name"] == expected


def test_what_plugins_tell_has_an_end() -> None:
    """Nginx refuses a head of more than 4096 bytes; the verdict's own headers come first."""
    many = tuple((f"v{number}", "x" * 200) for number in range(50))
    head, _ = encode_verdict(Verdict(reason="y" * 300, variables=many), NOW)
    assert MAX_FURTHER / 2 < len(head) < 4096 - 200
    assert told(Verdict(variables=many))["v0"] == "x" * 200


def test_a_refusal_says_why_and_is_no_verdict() -> None:
    """Nobody can take it for one."""
    (found,) = responses(refuse(HTTPStatus.METHOD_NOT_ALLOWED, "this is no proxy") + b"\r\n")
    assert found.status == 405
    assert found.headers["x-webfail2ban-error"] == "this is no proxy"
    assert "GET" in found.headers["allow"]
    assert "x-webfail2ban-banned" not in found.headers
