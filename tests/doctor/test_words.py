import pytest

from webfail2ban.doctor.words import split_words, strip_comment

ENV = {"PORT": "8080", "HOST": "192.0.2.1"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("   # nothing", ()),
        ("mode http", ("mode", "http")),
        ("\tmode\thttp  # a comment", ("mode", "http")),
        ("bind :80#comment", ("bind", ":80")),
        ('log-format "%ci: %[var(txn.x)]"', ("log-format", "%ci: %[var(txn.x)]")),
        ("acl x path_beg '/a b'", ("acl", "x", "path_beg", "/a b")),
        (r"acl x hdr(a) b\ c", ("acl", "x", "hdr(a)", "b c")),
        (r"acl x path_reg \.php$", ("acl", "x", "path_reg", r"\.php$")),
        (r"a \# b", ("a", "#", "b")),
        (r"a 'b\n' c", ("a", r"b\n", "c")),
        (r'a "b\x41\t"', ("a", "bA\t")),
        ("""a "it's" """, ("a", "it's")),
        ("""a 'say "x"'""", ("a", 'say "x"')),
        ('a ""', ("a", "")),
        ('a "open', ("a", "open")),
        ("a '#b'", ("a", "#b")),
        ("a \\", ("a", "\\")),
    ],
)
def test_a_line_is_split_as_haproxy_does(text: str, words: tuple[str, ...]) -> None:
    """At spaces outside of quotes and escapes, up to a #."""
    assert split_words(text, ENV) == words


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("  server a b  # our own", "server a b"),
        ("acl x str '#1' # and", "acl x str '#1'"),
        ('acl x str "#1"', 'acl x str "#1"'),
        (r"acl x str \# # y", r"acl x str \#"),
        ("# all", ""),
    ],
)
def test_a_comment_can_be_taken_off(text: str, rest: str) -> None:
    """What is left is as it was written."""
    assert strip_comment(text) == rest


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('bind "${HOST}:$PORT"', ("bind", "192.0.2.1:8080")),
        ('bind "${OTHER-127.0.0.1}:80"', ("bind", "127.0.0.1:80")),
        ('bind "${OTHER}:80"', ("bind", "${OTHER}:80")),
        ("bind '$PORT'", ("bind", "$PORT")),
        ("bind $PORT", ("bind", "$PORT")),
        (r'bind "\$PORT"', ("bind", "$PORT")),
    ],
)
def test_variables_stand_for_something_in_double_quotes(text: str, words: tuple[str, ...]) -> None:
    """Nowhere else, and not behind a backslash; one that isn't there stays as it is written."""
    assert split_words(text, ENV) == words
