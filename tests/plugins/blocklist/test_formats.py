import io
from typing import Any

import pytest

from webfail2ban_blocklist.formats import FormatError, Reader


def read(text: str, form: str, **options: Any) -> list[str]:
    return [found for _, found in Reader(form, **options).read(io.StringIO(text))]


def test_a_plain_list_has_an_entry_a_line() -> None:
    """Comments, blank lines and what stands behind the entry are left out."""
    text = "# evil\n\n; older\n192.0.2.1\n 192.0.2.0/24 ; SBL1\r\n192.0.2.1 - 192.0.2.9 # x\n"
    assert read(text, "plain") == ["192.0.2.1", "192.0.2.0/24", "192.0.2.1-192.0.2.9"]


def test_lines_are_numbered_as_an_editor_does() -> None:
    """So that a rejected one is found."""
    found = list(Reader("plain").read(io.StringIO("# evil\n\n192.0.2.1\nrubbish\n")))
    assert found == [(3, "192.0.2.1"), (4, "rubbish")]


def test_what_ipset_saves_is_read() -> None:
    """Also of sets with ports, and with options behind the entry; and plain netsets."""
    text = (
        "create evil hash:net family inet hashsize 1024 maxelem 65536\n"
        "add evil 192.0.2.0/24\nadd evil 192.0.2.1,tcp:25 timeout 300\n-A evil 192.0.2.2\n"
        "198.51.100.1\n# done\nCOMMIT\n"
    )
    assert read(text, "netset") == ["192.0.2.0/24", "192.0.2.1", "192.0.2.2", "198.51.100.1"]


def test_an_exception_of_ipset_never_becomes_an_entry() -> None:
    """It is handed on as a line that nobody can read."""
    assert read("add evil 192.0.2.1 nomatch\n", "netset") == ["add evil 192.0.2.1 nomatch"]


def test_names_in_hosts_files_are_ignored_and_counted() -> None:
    """A name that shall lead nowhere says nothing of 0.0.0.0."""
    reader = Reader("hosts")
    text = (
        "# hosts\n0.0.0.0 ads.example\n127.0.0.1 localhost\n192.0.2.1 evil.example\n"
        "tracker.example\n::1 ip6-localhost\n2001:db8::1 evil.example\n192.0.2.2\n"
    )
    found = [entry for _, entry in reader.read(io.StringIO(text))]
    assert found == ["192.0.2.1", "2001:db8::1", "192.0.2.2"]
    assert reader.ignored == 4


@pytest.mark.parametrize(
    "head", ['"seen","dst_ip","port"', '# "seen","dst_ip",port', "seen, dst_ip"]
)
def test_a_csv_column_is_found_by_its_name(head: str) -> None:
    """Also where the head is commented out, below other comments."""
    text = f"# our list\n# of today\n{head}\n\n2026-01-01,192.0.2.1,25\n\n# end\n"
    assert read(text, "csv", column="dst_ip") == ["192.0.2.1"]


def test_a_csv_column_is_found_by_its_number() -> None:
    """From 1, in a list without a head; a line that is too short has an empty one."""
    text = 'evil;"192.0.2.1"\nshort\n'
    assert read(text, "csv", column=2, delimiter=";") == ["192.0.2.1", ""]


def test_a_csv_without_the_column_is_refused() -> None:
    """An error page must not be taken for an empty list."""
    with pytest.raises(FormatError, match="has no column ip"):
        read("<html>\n<body>busy</body>\n", "csv", column="ip")


@pytest.mark.parametrize(
    ("document", "path", "found"),
    [
        ('["192.0.2.1", "192.0.2.2"]', "", ["192.0.2.1", "192.0.2.2"]),
        ('{"a": {"b": [{"ip": "192.0.2.1"}, {"ip": null}, {}]}}', "a.b[].ip", ["192.0.2.1"]),
        (
            '{"prefixes": [{"ipv4Prefix": "192.0.2.0/24"}, {"ipv6Prefix": "2001:db8::/32"}]}',
            "prefixes[].[ipv4Prefix, ipv6Prefix][]",
            ["192.0.2.0/24", "2001:db8::/32"],
        ),
        ('{"hooks": ["192.0.2.1"], "web": [["192.0.2.2"]]}', "*[]", ["192.0.2.1", "192.0.2.2"]),
        ("[17]", "", ["17"]),
    ],
)
def test_json_is_searched_by_a_path(document: str, path: str, found: list[str]) -> None:
    """JMESPath; what is no text is handed on to be refused."""
    assert read(document, "json", path=path) == found


def test_json_lines_are_searched_one_by_one() -> None:
    """A broken one is handed on to be refused, and the others are read."""
    text = '{"ip": "192.0.2.1"}\n\n{"ip": \n{"ip": "192.0.2.2", "n": 1}\n'
    assert read(text, "jsonl", path="ip") == ["192.0.2.1", '{"ip":', "192.0.2.2"]


@pytest.mark.parametrize("text", ["", "<html>", '{"a": [', "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    """Also what nobody can look into as deeply as it goes."""
    with pytest.raises(FormatError, match="is no JSON"):
        read(text, "json")
