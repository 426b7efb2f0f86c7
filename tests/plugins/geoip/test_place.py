from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.plugins.geoip.conftest import (
    IPINFO,
    IPINFO_LITE,
    MAXMIND,
    MAXMIND_ASN,
    REGISTRIES,
    Records,
    write,
)
from webfail2ban_geoip.database import Database, open_database, sign
from webfail2ban_geoip.place import NOWHERE, Place, read_place


def opened(path: Path) -> Database:
    return open_database(path, sign(path))


@pytest.mark.parametrize(
    ("records", "ipv4", "ipv6"),
    [
        (MAXMIND, Place("DE", "EU"), Place("FR", "EU")),
        (MAXMIND_ASN, Place(asn=64500, organization="Example Hosting"), Place(asn=64501)),
        (IPINFO_LITE, Place("DE", "EU", 64500, "Example Hosting"), Place("FR", "EU")),
        (IPINFO, Place("DE", "EU", 64500, "Example Hosting"), Place("FR", "EU", 64501)),
        (REGISTRIES, Place("DE"), Place("FR")),
    ],
    ids=["MaxMind, DB-IP", "MaxMind, DB-IP: ASN", "IPinfo Lite", "IPinfo", "registries"],
)
def test_every_vendors_words_are_understood(
    records: Records, ipv4: Place, ipv6: Place, tmp_path: Path
) -> None:
    """Both versions, in one tree of IPv6."""
    database = opened(write(tmp_path / "db.mmdb", records))
    assert database.find(ip_address("2.16.0.1")) == ipv4
    assert database.find(ip_address("2a00::1")) == ipv6
    assert database.find(ip_address("9.9.9.9")) == NOWHERE
    database.close()


def test_a_database_of_ipv4_alone_knows_no_ipv6(tmp_path: Path) -> None:
    """And it is asked about that all the same."""
    database = opened(write(tmp_path / "db.mmdb", {"2.16.0.0/16": {"country": "DE"}}, version=4))
    assert database.find(ip_address("2.16.0.1")).country == "DE"
    assert database.find(ip_address("2a00::1")) == NOWHERE
    database.close()


def test_where_an_address_is_registered_counts_last() -> None:
    """Only where nobody knows where it is used."""
    assert read_place(MAXMIND["2.16.0.0/16"]).country == "DE"
    assert read_place(MAXMIND["3.0.0.0/8"]).country == "US"


def test_systems_below_traits_are_found() -> None:
    """MaxMind's larger databases have them there."""
    record = {"country": {"iso_code": "de"}, "traits": {"autonomous_system_number": 64500}}
    assert read_place(record) == Place("DE", asn=64500)


def test_systems_in_a_mapping_are_found() -> None:
    """IPinfo's larger databases have them there."""
    assert read_place({"asn": {"asn": "AS64500", "name": "Example"}}) == Place(
        asn=64500, organization="Example"
    )


@pytest.mark.parametrize(
    "record",
    [
        None,
        "DE",
        ["DE"],
        {},
        {"country": None, "asn": None},
        {"country": 49, "continent": "Europe"},
        {"country": {"iso_code": ["DE"]}, "asn": "AS"},
        {"country_code": "D\n", "asn": -1},
        {"country_code": "ßß", "asn": 2**32},
        {"asn": "AS99999999999", "traits": "none"},
    ],
)
def test_what_is_not_as_expected_is_left_out(record: object) -> None:
    """Anybody may make a database."""
    assert read_place(record) == NOWHERE


def test_a_place_is_filled_from_another() -> None:
    """A name never stands beside somebody else's number."""
    place = Place("DE", asn=64500).fill(Place("FR", "EU", 64501, "Other"))
    assert place == Place("DE", "EU", 64500)
    assert Place().fill(place) == place


def test_a_place_for_people_and_for_settings() -> None:
    """The words are those that rules and limits name."""
    place = Place("DE", "EU", 64500, "Example Hosting")
    assert str(place) == "DE, AS64500 Example Hosting"
    assert list(place.words()) == ["country:DE", "continent:EU", "AS64500"]
    assert str(Place(continent="EU")) == "EU"
