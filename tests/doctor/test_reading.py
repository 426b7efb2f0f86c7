from webfail2ban.doctor.conditions import Setting
from webfail2ban.doctor.reading import SPOE_SECTIONS, Section, read_lines, read_sections

NEW = Setting((3, 1), {})
OLD = Setting((2, 6), {})


def read(text: str, setting: Setting = OLD) -> tuple[Section, ...]:
    return read_sections(read_lines(text, "haproxy.cfg", setting))


def test_lines_know_where_they_stand() -> None:
    """Empty lines and comments count."""
    lines = list(read_lines("# top\n\nglobal\n    daemon\n", "x.cfg", OLD))
    assert [(line.file, line.number, line.words) for line in lines] == [
        ("x.cfg", 3, ("global",)),
        ("x.cfg", 4, ("daemon",)),
    ]


def test_only_the_branch_that_holds_is_read() -> None:
    """Also inside another one; notices are no lines."""
    text = """
.if version_atleast(3.1)
    .notice "new"
    .if version_atleast(3.3)
a
    .elif version_atleast(3.0)
b
    .else
c
    .endif
.elif version_atleast(2.0)
d
.else
e
.endif
f
"""
    assert [line.words[0] for line in read_lines(text, "x", NEW)] == ["b", "f"]
    assert [line.words[0] for line in read_lines(text, "x", OLD)] == ["d", "f"]


def test_variables_that_the_file_sets_are_known() -> None:
    """`setenv` wins over what was there, `presetenv` doesn't."""
    text = 'global\n setenv A 1\n presetenv B 2\n log "$A:$B"\n'
    lines = list(read_lines(text, "x", Setting((2, 8), {"A": "0", "B": "0"})))
    assert lines[-1].words == ("log", "1:0")


def test_a_section_has_what_its_defaults_say() -> None:
    """Those before it, or those that it names; its own lines count more."""
    sections = read(
        "defaults web\n mode http\n option httplog\n"
        "frontend a\n no option httplog\n"
        "defaults mail\n mode tcp\n"
        "frontend b\n"
        "frontend c from web\n"
    )
    a, b, c = (section for section in sections if section.kind == "frontend")
    assert (a.mode, b.mode, c.mode) == ("http", "tcp", "http")
    assert (a.has_option("httplog"), c.has_option("httplog")) == (False, True)
    assert str(c) == "frontend c"


def test_defaults_hold_on_in_the_next_file() -> None:
    """As with `haproxy -f a.cfg -f b.cfg`."""
    lines = [
        *read_lines("defaults\n mode http\n", "a.cfg", OLD),
        *read_lines("frontend x\n", "b.cfg", OLD),
    ]
    assert read_sections(lines)[-1].mode == "http"


def test_tcp_is_the_mode_of_those_who_say_none() -> None:
    """That is HAProxy's default."""
    assert read("frontend x\n")[0].mode == "tcp"


def test_scopes_are_around_the_sections_of_a_spoe_file() -> None:
    """Those before the first one are in none."""
    text = "spoe-agent a\n messages m\n[other]\nspoe-agent b\nspoe-message m\n args src\n"
    sections = read_sections(read_lines(text, "x", OLD), SPOE_SECTIONS)
    assert [(section.scope, section.kind, section.name) for section in sections] == [
        ("", "spoe-agent", "a"),
        ("other", "spoe-agent", "b"),
        ("other", "spoe-message", "m"),
    ]


def test_lines_without_a_section_are_kept() -> None:
    """A fragment may begin with them."""
    sections = read("lua-load x.lua\nfrontend web\n mode http\n")
    assert [section.kind for section in sections] == ["", "frontend"]
    assert sections[0].lines[0].starts("lua-load")
