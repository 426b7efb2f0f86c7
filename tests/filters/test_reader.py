"""From a filter's files to its definition."""

from collections.abc import Callable
from pathlib import Path

import pytest

from webfail2ban.errors import FilterError
from webfail2ban.filters import FilterDefinition, UseDns, read_filter

Writer = Callable[[str, str], Path]


@pytest.fixture
def read(write: Writer, tmp_path: Path) -> Callable[..., FilterDefinition]:
    """Writes a filter called ``demo`` and reads it back."""

    def read_demo(text: str, spec: str = "demo", **settings: object) -> FilterDefinition:
        write("demo.conf", text)
        return read_filter(spec, dirs=[tmp_path], **settings)  # type: ignore[arg-type]

    return read_demo


Reader = Callable[..., FilterDefinition]


def test_all_seven_options_are_read(read: Reader, tmp_path: Path) -> None:
    """Lists are split at newlines, empty lines dropped, the journal's words like a shell's."""
    definition = read(
        """\
        [Definition]
        prefregex = ^pre<F-CONTENT>.+</F-CONTENT>$
        failregex = ^one <HOST>

                    ^two <HOST>
        ignoreregex = ^not this
        datepattern = %%Y-%%m
                      {^LN-BEG}
        maxlines = 3
        usedns = warn
        journalmatch = _SYSTEMD_UNIT=demo.service + "MESSAGE=a b"
        """
    )

    assert definition == FilterDefinition(
        name="demo",
        prefregex="^pre<F-CONTENT>.+</F-CONTENT>$",
        failregex=("^one <HOST>", "^two <HOST>"),
        ignoreregex=("^not this",),
        datepattern=("%Y-%m", "{^LN-BEG}"),
        maxlines=3,
        usedns=UseDns.WARN,
        journalmatch=("_SYSTEMD_UNIT=demo.service", "+", "MESSAGE=a b"),
        file=tmp_path / "demo.conf",
        paths=(tmp_path / "demo.conf",),
    )


def test_what_is_not_set_is_empty(read: Reader) -> None:
    """An empty value is as good as none."""
    definition = read("[Definition]\nfailregex = x <HOST>\nignoreregex =\nprefregex =")

    assert definition.ignoreregex == ()
    assert definition.prefregex is None
    assert definition.datepattern == ()
    assert definition.maxlines == 1
    assert definition.usedns is None


def test_references_are_replaced_before_tags(read: Reader) -> None:
    """``%(x)s`` first, then ``<tag>`` in what came out."""
    definition = read(
        """\
        [DEFAULT]
        _daemon = \\S*
        _prefix = <_daemon>: %(_tail)s
        _tail = <mdre-<mode>>
        [Definition]
        _daemon = demo
        mdre-normal = usual
        mode = normal
        failregex = ^%(_prefix)s <HOST>
        """
    )

    assert definition.failregex == ("^demo: usual <HOST>",)


def test_parameters_win_over_the_file(read: Reader) -> None:
    """For references and for tags."""
    text = """\
        [Definition]
        mdre-normal = usual
        mdre-ddos = flood
        mode = normal
        word = x
        failregex = ^%(word)s <mdre-<mode>> <HOST>
        """

    assert read(text, "demo[mode=ddos, word=y]").failregex == ("^y flood <HOST>",)


def test_an_undefined_mode_stays_as_text(read: Reader) -> None:
    """As an expression it matches nothing."""
    text = "[Definition]\nmode = normal\nfailregex = <mdre-<mode>> <HOST>"

    assert read(text, "demo[mode=foo]").failregex == ("<mdre-foo> <HOST>",)


def test_other_sections_are_reached_by_tags(read: Reader) -> None:
    """With parts of their name substituted; where there is no such section, the tag stays."""
    text = """\
        [DEFAULT]
        logtype = file
        prefix = <lt_<logtype>/prefix>
        [Definition]
        failregex = ^%(prefix)s<default/logtype> <HOST>
        [lt_file]
        prefix = F
        [lt_journal]
        prefix = %(lt_file/prefix)s-J
        """

    assert read(text).failregex == ("^Ffile <HOST>",)
    assert read(text, "demo[logtype=journal]").failregex == ("^F-Jfile <HOST>",)
    assert read(text, "demo[logtype=x]").failregex == ("^<lt_x/prefix>file <HOST>",)


def test_known_tags_give_the_value_before_a_local_file(read: Reader, write: Writer) -> None:
    """Or the file's own value if nothing was overridden."""
    write("demo.local", "[Definition]\nfailregex = <known/failregex>\n  ^<known/word> <HOST>")

    definition = read("[Definition]\nword = x\nfailregex = ^one <HOST>")

    assert definition.failregex == ("^one <HOST>", "^x <HOST>")


def test_a_jail_can_add_to_the_filters_expressions(read: Reader) -> None:
    """With ``<known/failregex>`` among its own."""
    definition = read(
        "[Definition]\nfailregex = ^one <HOST>",
        options={"failregex": "<known/failregex>\n^two <HOST>"},
    )

    assert definition.failregex == ("^one <HOST>", "^two <HOST>")


def test_init_gives_parameters_their_defaults(read: Reader) -> None:
    """They win over Definition's options, a jail's parameters win over them."""
    text = """\
        [Init]
        maxlines = 5
        word = init
        [Definition]
        word = definition
        failregex = ^<word> <known/word> <HOST>
        """

    assert read(text).failregex == ("^init init <HOST>",)
    assert read(text).maxlines == 5
    assert read(text, "demo[word=jail, maxlines=2]").failregex == ("^jail init <HOST>",)
    assert read(text, "demo[word=jail, maxlines=2]").maxlines == 2


def test_an_option_of_the_jail_replaces_the_filters(read: Reader) -> None:
    """The filter's own value isn't even looked at."""
    text = "[Definition]\nfailregex = ^%(broken)s <HOST>\nusedns = %(broken)s"

    definition = read(text, options={"usedns": "no", "failregex": "^mine <HOST>"})

    assert definition.failregex == ("^mine <HOST>",)
    assert definition.usedns is UseDns.NO


def test_references_find_the_jails_options_and_tags_do_not(read: Reader) -> None:
    """Below the parameters."""
    definition = read("[Definition]\nfailregex = ^%(port)s <port> <HOST>", options={"Port": "22"})

    assert definition.failregex == ("^22 22 <HOST>",)


@pytest.mark.parametrize(
    ("text", "spec", "expected"),
    [
        ("[DEFAULT]\nlogtype = file\n[Definition]\n", "demo", "journal"),
        ("[Definition]\nlogtype = short\n", "demo", "short"),
        ("[Definition]\nlogtype = short\n", "demo[logtype=rfc5424]", "rfc5424"),
    ],
)
def test_the_log_source_says_what_the_log_looks_like(
    read: Reader, text: str, spec: str, expected: str
) -> None:
    """Unless the filter itself or the jail's parameters do."""
    definition = read(text + "failregex = <logtype> <HOST>", spec, logtype="journal")

    assert definition.failregex == (f"{expected} <HOST>",)


def test_the_first_folder_with_the_filter_is_used(write: Writer, tmp_path: Path) -> None:
    """With all its layers."""
    write("one/other.conf", "[Definition]\n")
    write("two/demo.conf", "[Definition]\nfailregex = two <HOST>")
    write("two/demo.local", "[Definition]\nmaxlines = 2")
    write("three/demo.conf", "[Definition]\nfailregex = three <HOST>")

    dirs = [tmp_path / name for name in ("one", "two", "three")]
    definition = read_filter("demo", dirs=dirs)

    assert (definition.failregex, definition.maxlines) == (("two <HOST>",), 2)


@pytest.mark.parametrize("name", ["{path}/demo.conf", "{path}/demo", "./demo", "./demo.conf"])
def test_a_path_names_a_filter(
    write: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """With or without its suffix; its layers are read too."""
    write("demo.conf", "[Definition]\nfailregex = <word> <HOST>")
    write("demo.local", "[Definition]\nmaxlines = 2")
    monkeypatch.chdir(tmp_path)

    definition = read_filter(name.format(path=tmp_path) + "[word=x]", dirs=[])

    assert (definition.failregex, definition.maxlines) == (("x <HOST>",), 2)


def test_a_path_may_have_any_suffix(write: Writer) -> None:
    """Then it is that one file."""
    path = write("demo.txt", "[Definition]\nfailregex = x <HOST>")

    assert read_filter(str(path), dirs=[]).paths == (path,)


def test_a_missing_filter_is_named_with_the_closest_one(write: Writer, tmp_path: Path) -> None:
    """And with the folders that were looked at."""
    write("dovecot.conf", "[Definition]\n")

    with pytest.raises(FilterError, match=r"did you mean dovecot\?") as caught:
        read_filter("dovecott", dirs=[tmp_path])

    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("failregex", "<loop> <HOST>", "the tag <loop> leads back to itself"),
        ("failregex", "%(nothing)s", r"refers to %\(nothing\)s"),
        ("maxlines", "many", "'many' is no number of lines"),
        ("maxlines", "0", "'0' is no number of lines"),
        ("usedns", "maybe", "'maybe' is none of yes, warn, no, raw"),
        ("journalmatch", '"open', "No closing quotation"),
    ],
)
def test_what_cannot_be_understood_is_named(
    read: Reader, tmp_path: Path, option: str, value: str, reason: str
) -> None:
    """With file and option."""
    with pytest.raises(FilterError, match=reason) as caught:
        read(f"[Definition]\nloop = x<loop>\n{option} = {value}")

    assert caught.value.file == str(tmp_path / "demo.conf")
    assert caught.value.option == option


def test_every_packaged_filter_is_read(filter_dir: Path) -> None:
    """All but the shared parts, which are no filters."""
    shared = {"common", "apache-common", "botsearch-common", "exim-common", "selinux-common"}

    names = {path.stem for path in filter_dir.glob("*.conf")} - shared
    definitions = [read_filter(name, dirs=[filter_dir]) for name in sorted(names)]

    assert len(definitions) >= 89
    assert all(definition.failregex for definition in definitions)
