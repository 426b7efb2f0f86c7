"""Parameters that a filter makes nothing of."""

from collections.abc import Callable
from pathlib import Path

import pytest

from webfail2ban.errors import FilterError
from webfail2ban.filters import find_stray_parameters

Writer = Callable[[str, str], Path]

#: A filter with what composes a tag of a parameter's value.
DEMO = """\
[DEFAULT]
place = %(town)s
[lt_file]
prefix = \\S+
[lt_short]
prefix =
[Init]
logtype = file
[Definition]
failregex = ^<lt_<logtype>/prefix> <mdre-<mode>> <ADDR> <rest> %(place)s$
            ^<user> <F-<field>>a</F-<field>> <ADDR><mdre-<mode>-other>$
mode = normal
mdre-normal = a
mdre-normal-other =
mdre-ddos = b
mdre-ddos-other =
rest = <size-<width>>
size-1 = x
size-2 = y
width = 1
town = bern
"""


@pytest.fixture
def strays(write: Writer, tmp_path: Path) -> Callable[[str], list[str]]:
    """What is said of parameters that are given to the filter above."""
    write("demo.conf", DEMO)

    def find(parameters: str) -> list[str]:
        found = find_stray_parameters(f"demo[{parameters}]", dirs=[tmp_path])
        return [str(stray) for stray in found]

    return find


Strays = Callable[[str], list[str]]


@pytest.mark.parametrize(
    "parameters",
    [
        "",
        "mode=ddos",
        "mode=ddos, logtype=short",
        "width=2",
        "town=basel",  # %(town)s
        "user=root",  # <user>, which is set nowhere
        "user=root?, failregex='^<ADDR>'",
        "mode=mine, mdre-mine='x', mdre-mine-other=''",
        "field=USER",
        "MODE=DDOS",
        "town?family=inet6=bern",
    ],
)
def test_what_a_filter_knows_is_fine(strays: Strays, parameters: str) -> None:
    """Whether it is set there, named only, or asked for by way of another one."""
    assert strays(parameters) == []


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("moed=ddos", "demo knows no parameter moed; did you mean mode?"),
        ("zzz=1", "demo knows no parameter zzz"),
        (
            "mode=dos",
            "mode=dos means nothing to demo: it has no mdre-dos, but knows ddos, normal; did you m",
        ),
        (
            "logtype=fille",
            "logtype=fille means nothing to demo: it has no lt_fille/prefix, but knows file, short",
        ),
        ("width=9", "width=9 means nothing to demo: it has no size-9, but knows 1, 2"),
        ("mode=mine, mdre-mine=x", "mode=mine means nothing to demo: it has no mdre-mine-other"),
    ],
)
def test_what_it_does_not_know_is_told(strays: Strays, parameters: str, said: str) -> None:
    """With what there is, and what was probably meant."""
    [told] = strays(parameters)
    assert told.startswith(said)


def test_every_stray_is_told(strays: Strays) -> None:
    """In the order in which they are written."""
    assert len(strays("moed=ddos, mode=ddos, logtype=none")) == 2


def test_options_of_a_section_may_be_composed(write: Writer, tmp_path: Path) -> None:
    """Not only the section's name."""
    write("demo.conf", "[words]\nlong = a\n[Definition]\nfailregex = <words/<kind>> <ADDR>\n")
    assert find_stray_parameters("demo[kind=long]", dirs=[tmp_path]) == ()
    [stray] = find_stray_parameters("demo[kind=loong]", dirs=[tmp_path])
    assert (stray.name, stray.value) == ("kind", "loong")
    assert "no words/loong, but knows long; did you mean long?" in str(stray)


def test_a_filter_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """As for whoever reads it."""
    with pytest.raises(FilterError, match="no such filter"):
        find_stray_parameters("demo[mode=ddos]", dirs=[tmp_path])


def test_without_parameters_no_filter_is_read(tmp_path: Path) -> None:
    """There is nothing to look for."""
    assert find_stray_parameters("demo", dirs=[tmp_path]) == ()


#: What the packaged filters' own comments name, by hand.
DOCUMENTED = {
    "apache-auth": ["mode=normal", "mode=aggressive", "logging=syslog", "logging=all"],
    "dovecot": ["mode=normal", "mode=aggressive"],
    "exim": ["mode=normal", "mode=aggressive"],
    "freeswitch": ["mode=normal", "mode=ddos", "mode=extra"],
    "nginx-http-auth": ["mode=normal", "mode=aggressive", "mode=fallback"],
    "postfix": [
        f"mode={mode}"
        for mode in ("normal", "auth", "rbl", "ddos", "extra", "more", "aggressive", "errors")
    ],
    "sendmail-reject": ["mode=normal", "mode=extra", "mode=aggressive"],
    "sshd": [
        *(f"mode={mode}" for mode in ("normal", "ddos", "extra", "aggressive")),
        *(f"publickey={choice}" for choice in ("nofail", "invalid", "any", "ignore")),
        "mode=aggressive, publickey=any",
        "__pam_auth='pam_ldap'",
    ],
    "traefik-auth": ["mode=normal", "mode=ddos", "mode=aggressive"],
}


@pytest.mark.parametrize(
    "spec", [f"{name}[{given}]" for name, each in DOCUMENTED.items() for given in each]
)
def test_the_packaged_filters_know_what_they_document(spec: str, filter_dir: Path) -> None:
    """Each mode of each filter that has any."""
    assert find_stray_parameters(spec, dirs=[filter_dir]) == ()


def test_the_packaged_filters_know_what_every_jail_gives(filter_dir: Path) -> None:
    """fail2ban's jails give a mode and a kind of log to filters that have none."""
    for path in filter_dir.glob("*.conf"):
        spec = f"{path.stem}[mode=normal, logtype=file]"
        try:
            strays = find_stray_parameters(spec, dirs=[filter_dir])
        except FilterError:
            continue  # those that others include
        assert strays == (), spec
