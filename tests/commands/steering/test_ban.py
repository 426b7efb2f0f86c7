import json

import pytest

from tests.api.serving import ApiServing
from tests.commands.steering.conftest import Run

pytestmark = pytest.mark.usefixtures("serving")


def test_an_address_is_banned(run: Run) -> None:
    """By an operator, for an hour if he says nothing else."""
    ran = run("ban", "192.0.2.66")
    assert (ran.status, ran.out, ran.err) == (0, "192.0.2.66 [manual] is banned for 1h\n", "")


def test_several_are_banned_as_the_options_say(run: Run, serving: ApiServing) -> None:
    """Networks too, for ever, in a jail, with a reason."""
    ran = run(
        "ban", "::ffff:192.0.2.66", "2001:db8::/48", "--for", "permanent",
        "--jail", "spam", "--reason", "sends spam",
    )  # fmt: skip
    assert ran.lines == [
        "192.0.2.66 [spam] is banned for ever",
        "2001:db8::/48 [spam] is banned for ever",
    ]
    _, found, _ = serving.ask("GET", "/v1/bans/2001:db8::/48")
    assert (found["bans"][0]["reason"], found["bans"][0]["until"]) == ("sends spam", None)


def test_a_ban_that_lasts_longer_stays(run: Run) -> None:
    """And that is said; they are banned, so all is well."""
    run("ban", "192.0.2.66", "--for", "permanent")
    ran = run("ban", "192.0.2.66", "--for", "10m")
    assert ran.status == 0
    assert ran.out == "192.0.2.66 [manual] was banned already, until never\n"


def test_what_became_of_it_in_json(run: Run) -> None:
    """One document."""
    found = json.loads(run("ban", "192.0.2.66", "192.0.2.66", "--json").out)
    assert found["changed"] == 1
    assert [result["changed"] for result in found["results"]] == [True, False]


def test_more_than_one_request_may_name(run: Run) -> None:
    """They are sent in several."""
    addresses = [f"10.0.{number >> 8}.{number & 255}" for number in range(1001)]
    ran = run("ban", *addresses, "--json")
    assert json.loads(ran.out)["changed"] == 1001


@pytest.mark.parametrize("network", ["10.0.0.0/7", "0.0.0.0/0", "2001::/18"])
def test_a_network_of_many_is_asked_about(run: Run, network: str) -> None:
    """Nobody is there to be asked, so it isn't done."""
    ran = run("ban", network)
    assert ran.status == 2
    assert "--yes" in ran.err
    assert run("bans").out == "Nobody is banned.\n"
    assert run("ban", network, "--yes").status == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("192.0.2",), "'192.0.2' is no IP address and no network"),
        (("192.0.2.66", "--for", "soon"), "must be a duration"),
        (("192.0.2.66", "--for", "0"), "must be longer than nothing"),
        ((), "Missing argument"),
    ],
)
def test_what_cannot_be_meant_is_told(run: Run, args: tuple[str, ...], said: str) -> None:
    """Before the engine is asked; exit status 2."""
    ran = run("ban", *args)
    assert ran.status == 2
    assert said in ran.err


def test_what_the_engine_refuses_is_told(run: Run) -> None:
    """In its own words; exit status 2."""
    ran = run("ban", "192.0.2.66", "--reason", "x" * 501)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("error: body.bans.0.reason: ")
