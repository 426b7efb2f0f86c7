"""The files that are written."""

from dataclasses import replace
from pathlib import Path

import pytest

from webfail2ban.errors import ConfigurationError
from webfail2ban.haproxykit import Names, find_kit, write_scenario
from webfail2ban.haproxykit.sections import split

KIT = find_kit()
SCENARIOS = [*KIT.scenarios]
NAMES = Names((2, 8), Path("/srv/conf"), "192.0.2.1:999", prefix="rep", scope="req")


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("whole", [False, True])
def test_nothing_of_the_usual_names_stays(scenario: str, whole: bool) -> None:
    """All of a text is moved: a name that stays would be a rule that never holds."""
    written = write_scenario(KIT, scenario, NAMES, whole=whole)
    text = "\n".join(
        line
        for file in written.files.values()
        for line in file.splitlines()
        if not line.lstrip().startswith("#")
    )
    for usual in ("txn.wf2b.", "var-prefix wf2b", "/etc/haproxy/", "127.0.0.1:12345", "version_at"):
        assert usual not in text
    assert "server agent1 192.0.2.1:999" in text
    assert "option var-prefix rep\n" in text
    assert "req.rep.banned" in text
    assert ("chroot" in text) == whole


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_says_what_it_is(scenario: str) -> None:
    """In one sentence, for the list; where the shipped file goes to isn't said again."""
    assert KIT.scenarios[scenario].endswith(".")
    snippet = write_scenario(KIT, scenario, NAMES, whole=False).files["webfail2ban.cfg"]
    assert KIT.scenarios[scenario][:80] in snippet
    assert "Goes to" not in snippet


@pytest.mark.parametrize(
    ("version", "mode"), [((2, 6), "tcp"), ((3, 0, 9), "tcp"), ((3, 1), "spop")]
)
def test_the_mode_is_that_of_the_version(version: tuple[int, ...], mode: str) -> None:
    """There is no condition to read."""
    written = write_scenario(KIT, "tls", replace(NAMES, version=version), whole=False)
    agents = next(
        section.text
        for section in split(written.files["webfail2ban.cfg"])
        if section.name == "webfail2ban-agents"
    )
    assert f"    mode {mode}\n" in agents


def test_a_socket_takes_a_socket() -> None:
    """Where ours is none, HAProxy asks where we listen, and the operator hears of it."""
    elsewhere = write_scenario(KIT, "socket", NAMES, whole=False)
    assert elsewhere.warnings == (
        "spoa.address of our configuration is no unix socket, but 192.0.2.1:999",
    )
    there = write_scenario(KIT, "socket", replace(NAMES, server="unix@/x.sock"), whole=False)
    assert "server agent1 unix@/x.sock check" in there.files["webfail2ban.cfg"]
    assert not there.warnings


def test_a_plugin_that_a_scenario_needs_is_named() -> None:
    """In the file, and aloud if it isn't loaded."""
    written = write_scenario(KIT, "observe", NAMES, whole=True)
    assert "# What you change" in written.files["haproxy.cfg"]
    assert "needs its plugin\n# observe." in written.files["haproxy.cfg"]
    assert "add observe to plugins" in written.warnings[0]
    loaded = replace(NAMES, plugins=("jails", "observe"))
    assert not write_scenario(KIT, "observe", loaded, whole=True).warnings


def test_times_and_variables_are_ours() -> None:
    """In the SPOE file."""
    names = replace(NAMES, idle=10.0, processing=0.08, variables=("country", "asn"))
    spoe = write_scenario(KIT, "haproxy", names, whole=False).files["webfail2ban.spoe.conf"]
    assert "    timeout idle 10s\n" in spoe
    assert "    timeout processing 80ms\n" in spoe
    assert " error country asn\n" in spoe


def test_proxies_are_those_that_we_trust() -> None:
    """Without any they have to be named."""
    none = write_scenario(KIT, "cdn", NAMES, whole=False)
    assert "name your proxies" in none.warnings[0]
    some = write_scenario(KIT, "cdn", replace(NAMES, proxies=("192.0.2.0/24",)), whole=False)
    lines = some.files["proxies.lst"].splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["192.0.2.0/24"]
    assert not some.warnings


def test_a_scenario_that_there_is_not_is_an_error() -> None:
    """The message has those that there are."""
    with pytest.raises(ConfigurationError, match=r"did you mean mail\?.*tracker"):
        write_scenario(KIT, "mial", NAMES, whole=False)


def test_a_snippet_has_nothing_about_the_machine() -> None:
    """But what a scenario needs of the section `global`, and what it says about that."""
    needed = write_scenario(KIT, "challenge", NAMES, whole=False).files["webfail2ban.cfg"]
    (section,) = (section for section in split(needed) if section.kind == "global")
    assert "set-var proc.challenge_key" in section.text
    assert "all of them one" in section.text
    assert "stats socket" not in section.text
    nothing = write_scenario(KIT, "mail", NAMES, whole=False).files["webfail2ban.cfg"]
    assert not [section for section in split(nothing) if section.kind == "global"]


def test_sections_are_the_text() -> None:
    """Nothing is lost by cutting."""
    for scenario in SCENARIOS:
        text = KIT.read(f"{scenario}.cfg")
        assert "".join(section.text for section in split(text)) == text
