from pathlib import Path

import pytest

from tests.doctor.sites import GOOD_CFG, GOOD_SPOE
from webfail2ban.doctor.catalogue import examine
from webfail2ban.doctor.loading import list_files, load_site
from webfail2ban.doctor.site import Own


def test_a_directory_is_read_as_haproxy_reads_it(tmp_path: Path) -> None:
    """Its *.cfg by name, no hidden ones."""
    for name in ("20.cfg", "10.cfg", ".30.cfg", "x.conf"):
        (tmp_path / name).touch()
    other = tmp_path / "x.conf"
    assert list_files([other, tmp_path]) == (other, tmp_path / "10.cfg", tmp_path / "20.cfg")


def test_a_directory_without_any_is_told(tmp_path: Path) -> None:
    """HAProxy would start with nothing."""
    with pytest.raises(FileNotFoundError, match=r"no \*\.cfg"):
        list_files([tmp_path])


def test_bytes_that_are_no_text_are_no_obstacle(tmp_path: Path) -> None:
    """What is found can still be shown."""
    path = tmp_path / "haproxy.cfg"
    path.write_bytes(GOOD_CFG.encode() + b"    http-request accept if { path /\xfc }\n")
    site = load_site([path], (2, 8), {}, own=Own(), here=False)
    (finding,) = [one for one in examine(site) if one.name == "rule-unknown"]
    assert finding.remedy.encode()


@pytest.mark.parametrize("text", ["", "plugins: [jails]\n", "root:x:0:0:root:/root:/bin/sh\n"])
def test_what_is_not_haproxys_is_told(tmp_path: Path, text: str) -> None:
    """Nothing wrong would be found in it."""
    path = tmp_path / "other"
    path.write_text(text, "utf-8")
    site = load_site([path], (2, 8), {}, own=Own(), here=False)
    (finding,) = examine(site)
    assert (finding.name, finding.file) == ("spoe-filter-none", str(path) if text else "")
    assert finding.sentence.startswith("there is no frontend: this isn't HAProxy's configuration")


def test_several_files_are_one_configuration(tmp_path: Path) -> None:
    """Each line knows its own."""
    head, _, tail = GOOD_CFG.partition("frontend imap\n")
    (tmp_path / "1.cfg").write_text(head, "utf-8")
    (tmp_path / "2.cfg").write_text("frontend imap\n" + tail.replace("wf2b", "x"), "utf-8")
    (tmp_path / "webfail2ban.spoe.conf").write_text(GOOD_SPOE, "utf-8")
    site = load_site(list_files([tmp_path]), (2, 8), {}, own=Own(), here=False)
    (finding,) = examine(site)
    assert (finding.name, finding.where) == ("spoe-prefix", f"{tmp_path}/2.cfg:5")


def test_elsewhere_a_spoe_file_is_found_beside_the_configuration(tmp_path: Path) -> None:
    """As in a repository, from which both are installed; on HAProxy's machine it is missing."""
    path = tmp_path / "haproxy.cfg"
    path.write_text(GOOD_CFG.replace("/etc/haproxy/", "/nowhere/"), "utf-8")
    (tmp_path / "webfail2ban.spoe.conf").write_text(GOOD_SPOE, "utf-8")
    assert examine(load_site([path], (2, 8), {}, own=Own(), here=False)) == ()
    found = examine(load_site([path], (2, 8), {}, own=Own(), here=True))
    remedies = [finding.remedy for finding in found if finding.name == "spoe-file-missing"]
    assert remedies == [f"cp {tmp_path}/webfail2ban.spoe.conf /nowhere/webfail2ban.spoe.conf"] * 2
