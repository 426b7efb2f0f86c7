"""Where an address is at home, read from a database's record, whosever it is.

========================================  =====================================================
MaxMind GeoLite2 and GeoIP2, DB-IP        ``country.iso_code``, ``continent.code``,
                                          ``autonomous_system_number``, ``..._organization``,
                                          in some of them below ``traits``
IPinfo Lite                               ``country_code``, ``continent_code``, ``asn``
                                          (``AS64500``), ``as_name``; ``country`` is a name there
IPinfo, older                             ``country`` (a code), ``continent``, ``asn``,
                                          ``as_name`` or ``name``
lists made of the registries' data        ``country_code``
========================================  =====================================================
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from webfail2ban_geoip.words import CODE, CONTINENT, COUNTRY, LAST_SYSTEM, SYSTEM, parse_system

#: Keys of a continent, a system's number and its name, the most exact first.
CONTINENT_KEYS = ("continent_code", "continent")
SYSTEM_KEYS = ("autonomous_system_number", "asn")
ORGANIZATION_KEYS = ("autonomous_system_organization", "as_name", "name", "organization", "org")

#: A country, the most exact first. Where an address is used counts; only where nobody knows that,
#: where it is registered.
COUNTRY_KEYS = ("country_code", "country", "registered_country")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address is at home.

    Attributes:
        country: ISO 3166-1's two letters; empty if unknown, as all of these.
        continent: Two letters.
        asn: The number of the autonomous system; 0 if unknown.
        organization: Whose system that is.
    """

    country: str = ""
    continent: str = ""
    asn: int = 0
    organization: str = ""

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self.country or self.asn or self.continent)

    def fill(self, other: "Place") -> "Place":
        """Return this place, with what it doesn't know from another one."""
        system = self if self.asn else other
        return Place(
            self.country or other.country,
            self.continent or other.continent,
            system.asn,
            system.organization,
        )

    def words(self) -> Iterator[str]:
        """Yield the words for it."""
        if self.country:
            yield COUNTRY + self.country
        if self.continent:
            yield CONTINENT + self.continent
        if self.asn:
            yield f"{SYSTEM}{self.asn}"

    def __str__(self) -> str:
        """Write it for people: ``DE, AS64500 Example``."""
        system = f"{SYSTEM}{self.asn} {self.organization}".rstrip() if self.asn else ""
        return ", ".join(filter(None, (self.country or self.continent, system)))


NOWHERE = Place()


def read_place(record: object) -> Place:
    """Read a record; what isn't as expected is left out, for anybody may make a database."""
    if not isinstance(record, Mapping):
        return NOWHERE
    system, organization = _system(record)
    if not system and isinstance(record.get("traits"), Mapping):
        system, organization = _system(record["traits"])
    return Place(
        _code(record, COUNTRY_KEYS, "iso_code"),
        _code(record, CONTINENT_KEYS, "code"),
        system,
        organization,
    )


def _code(record: Mapping[str, object], keys: tuple[str, ...], inner: str) -> str:
    """Return the first value that is two letters, alone or within a mapping."""
    for key in keys:
        value = record.get(key)
        if isinstance(value, Mapping):
            value = value.get(inner)
        if isinstance(value, str) and CODE.fullmatch(value.upper()):
            return value.upper()
    return ""


def _system(record: Mapping[str, object]) -> tuple[int, str]:
    """Return the number and the name of a system."""
    for key in SYSTEM_KEYS:
        value = record.get(key)
        if isinstance(value, Mapping):
            return _system(value)
        number = parse_system(value) if isinstance(value, str) else value
        if isinstance(number, int) and 0 < number <= LAST_SYSTEM:
            names = (record.get(name) for name in ORGANIZATION_KEYS)
            return number, next((name for name in names if name and isinstance(name, str)), "")
    return 0, ""
