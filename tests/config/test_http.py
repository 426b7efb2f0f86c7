"""The section ``http``: off by default, and never open to the world by surprise."""

from typing import Any

import pytest
from pydantic import ValidationError

from webfail2ban.addresses import parse_network
from webfail2ban.config import EngineSettings, HttpSettings
from webfail2ban.engine_settings import find_engine_problems


def warnings(**http: Any) -> list[str]:
    settings = EngineSettings.model_validate({"http": http})
    return [problem.message for problem in find_engine_problems(settings) if problem.warning]


def refusal(**http: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        HttpSettings.model_validate(http)
    return str(caught.value)


def test_it_is_off_unless_it_has_an_address() -> None:
    """Nobody listens by surprise."""
    assert HttpSettings().address is None


def test_this_machine_is_trusted_by_default() -> None:
    """In both families, and nobody else."""
    trusted = HttpSettings.model_validate({"address": "localhost"}).trusted
    assert trusted == (parse_network("127.0.0.0/8"), parse_network("::1"))


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1", "edge.example"])
def test_beyond_this_machine_somebody_has_to_be_trusted(address: str) -> None:
    """Who may ask can ask about anybody."""
    assert "must name in trusted the proxies that may ask" in refusal(address=address)
    assert HttpSettings.model_validate({"address": address, "trusted": ["192.0.2.10"]})


def test_settings_without_an_address_are_worth_a_warning() -> None:
    """Somebody meant to switch it on."""
    assert warnings(port=8000) == ["has no address, so nobody is answered"]
    assert warnings() == []


def test_trusting_everybody_is_worth_a_warning() -> None:
    """It is allowed: a firewall may know better."""
    (said,) = warnings(address="0.0.0.0", trusted=["0.0.0.0/0"])
    assert said == "lets everybody ask about anybody: name the proxies"


@pytest.mark.parametrize("header", ["X Real IP", "", ":path", "X-Real-IP:", "\u00fc"])
def test_a_header_has_a_headers_name(header: str) -> None:
    """The client's address stands in none of the first line's parts."""
    assert "must be a header's name such as X-Real-IP" in refusal(address_header=header)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"src": "X-Forwarded-For"}, "it is the client's address"),
        ({"Path": "X-Forwarded-Uri"}, "must name arguments such as path"),
        ({"path": "a b"}, "must be a header's name"),
    ],
)
def test_arguments_have_names_and_headers(arguments: dict[str, str], said: str) -> None:
    """None stands in for the client's address."""
    assert said in refusal(arguments=arguments)


def test_the_first_lines_parts_can_be_told() -> None:
    """As Envoy asks."""
    arguments = {"path": ":path", "method": ":method", "host": "Host"}
    assert HttpSettings.model_validate({"arguments": arguments}).arguments == arguments
