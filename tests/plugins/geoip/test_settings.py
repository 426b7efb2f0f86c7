import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.plugins.geoip.conftest import MAXMIND, MAXMIND_ASN, write
from webfail2ban import SettingsProblem
from webfail2ban_geoip import GeoIP, GeoIPSettings


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return write(tmp_path / "country.mmdb", MAXMIND)


def problems(*databases: Path, **settings: Any) -> list[SettingsProblem]:
    checked = GeoIPSettings.model_validate({"databases": databases, **settings})
    return list(GeoIP().check_settings(checked))


@pytest.mark.parametrize(
    "word", ["DE", "country:", "country:DEU", "continent:XX", "AS", "AS0", "AS4294967296", "64500"]
)
def test_a_word_has_one_of_three_forms(word: str) -> None:
    """And the sentence shows them."""
    with pytest.raises(ValidationError, match=r"must be (as country:DE|a continent)"):
        GeoIPSettings.model_validate({"databases": ["x"], "rules": [{"of": [word], "then": "ban"}]})


@pytest.mark.parametrize("then", ["deny", 0, 101, None])
def test_a_rule_says_one_of_four_things(then: object) -> None:
    """Nothing else means anything."""
    with pytest.raises(ValidationError):
        GeoIPSettings.model_validate({"databases": ["x"], "rules": [{"then": then}]})


def test_there_is_a_database() -> None:
    """Without any the plugin is good for nothing."""
    with pytest.raises(ValidationError):
        GeoIPSettings.model_validate({"databases": []})


def test_what_is_right_is_no_problem(database: Path) -> None:
    """Rules that fit something, and databases that open."""
    assert problems(database, rules=[{"of": ["country:DE"], "then": 5}, {"then": "pass"}]) == []


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    """It is named."""
    path = tmp_path / "none.mmdb"
    assert problems(path) == [
        SettingsProblem(("databases", 0), f"{path} can't be read: No such file or directory")
    ]


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    """Nor is a device."""
    assert problems(tmp_path)[0].message == f"{tmp_path} is no file"
    assert problems(Path(os.devnull))[0].message == f"{os.devnull} is no file"


@pytest.mark.parametrize("content", [b"", b"country,DE\n" * 1000, b"\x1f\x8b" + bytes(5000)])
def test_something_else_is_no_database(content: bytes, tmp_path: Path) -> None:
    """A list, an archive that nobody unpacked."""
    path = tmp_path / "list.mmdb"
    path.write_bytes(content)
    assert "is no MMDB database" in problems(path)[0].message


def test_a_part_is_no_database(database: Path) -> None:
    """The end is what says how to read the rest."""
    data = database.read_bytes()
    database.write_bytes(data[: len(data) // 2])
    assert "or only a part of one" in problems(database)[0].message


def test_a_database_without_its_middle_is_damaged(tmp_path: Path) -> None:
    """As two downloads make it, of which one went on where the other had stopped."""
    records = {f"{number}.0.0.0/8": {"country": {"iso_code": "DE"}} for number in range(1, 200)}
    path = write(tmp_path / "db.mmdb", records)
    data = path.read_bytes()
    path.write_bytes(b"\xff" * 600 + data[600:])
    assert "is damaged" in problems(path)[0].message


def test_a_country_that_is_none_is_worth_a_warning(database: Path) -> None:
    """Vendors have codes of their own, so it starts."""
    (problem,) = problems(database, rules=[{"of": ["country:DE", "country:UK"], "then": "ban"}])
    assert problem.path == ("rules", 0, "of", 1)
    assert problem.warning
    assert "GB is meant" in problem.message


def test_a_rule_that_no_database_serves_is_worth_a_warning(database: Path, tmp_path: Path) -> None:
    """Countries are no systems."""
    rules = [{"but": ["AS64500"], "then": "ban"}]
    (problem,) = problems(database, rules=rules)
    assert problem.path == ("rules", 0, "but", 0)
    assert problem.warning
    assert problems(database, write(tmp_path / "asn.mmdb", MAXMIND_ASN), rules=rules) == []


def test_a_rule_behind_the_end_is_worth_a_warning(database: Path) -> None:
    """Nobody gets there."""
    (problem,) = problems(database, rules=[{"then": "ban"}, {"of": ["country:DE"], "then": "pass"}])
    assert problem.path == ("rules", 0)
    assert problem.warning
