from pathlib import Path

from webfail2ban.doctor.haproxy import check, read_entries, read_version

SAID = """\
[NOTICE]   (29073) : haproxy version is 2.6.12-1+deb12u4
[NOTICE]   (29073) : path to executable is /usr/sbin/haproxy
[WARNING]  (29073) : config : Proxy 'f': missing timeouts at /x/a.conf:2.
   | That is not invalid
[ALERT]    (29073) : config : parsing [a.cfg:12] : error detected while parsing a condition.
[ALERT]    (29073) : config : Error(s) found in configuration file : a.cfg
[ALERT]    (29073) : config : Fatal errors found in configuration.
"""


def test_what_haproxy_says_is_read() -> None:
    """With its places; what only says that something was said is left out."""
    found = [(one.name, one.file, one.line, one.sentence) for one in read_entries(SAID)]
    assert found == [
        (
            "haproxy-warns",
            "/x/a.conf",
            2,
            "HAProxy says: Proxy 'f': missing timeouts at /x/a.conf:2. That is not invalid",
        ),
        (
            "haproxy-refuses",
            "a.cfg",
            12,
            "HAProxy says: error detected while parsing a condition.",
        ),
    ]


def test_a_program_that_is_none_says_nothing(tmp_path: Path) -> None:
    """Then the version is unknown, and nothing is found."""
    program = tmp_path / "haproxy"
    assert read_version(program) is None
    assert list(check(program, [tmp_path])) == []


def test_a_program_that_says_something_else_has_no_version(tmp_path: Path) -> None:
    """Its name is no proof."""
    program = tmp_path / "haproxy"
    program.write_text("#!/bin/sh\necho version unknown\n", "utf-8")
    program.chmod(0o755)
    assert read_version(program) is None
