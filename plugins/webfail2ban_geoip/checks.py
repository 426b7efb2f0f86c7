"""What is wrong with settings that are well-formed: files, and rules that can't fit."""

from collections.abc import Iterator

from webfail2ban import SettingsProblem
from webfail2ban_geoip.database import DatabaseError, open_database, sign
from webfail2ban_geoip.settings import GeoIPSettings
from webfail2ban_geoip.words import CONTINENT, COUNTRY, SYSTEM, doubt

#: What a database has to know for a word of each beginning to fit.
NEEDED = {COUNTRY: "country", CONTINENT: "continent", SYSTEM: "asn"}


def find_problems(settings: GeoIPSettings) -> Iterator[SettingsProblem]:
    """Find what is wrong.

    Args:
        settings: The section.
    """
    known: set[str] = set()
    whole = True
    for index, path in enumerate(settings.databases):
        try:
            database = open_database(path, sign(path))
        except DatabaseError as error:
            whole = False
            yield SettingsProblem(("databases", index), f"{path} {error}")
        else:
            known |= database.knows
            database.close()
    yield from _find_doubts(settings, known if whole else set(NEEDED.values()))
    yield from _find_unreached(settings)


def _find_doubts(settings: GeoIPSettings, known: set[str]) -> Iterator[SettingsProblem]:
    """Find words that may never fit."""
    for number, rule in enumerate(settings.rules):
        for key, words in (("of", rule.of), ("but", rule.but)):
            for index, word in enumerate(words):
                said = doubt(word)
                kind = next(kind for start, kind in NEEDED.items() if word.startswith(start))
                if not said and kind not in known:
                    said = f"may never fit: no database seems to know what {word} asks for"
                if said:
                    yield SettingsProblem(("rules", number, key, index), said, warning=True)


def _find_unreached(settings: GeoIPSettings) -> Iterator[SettingsProblem]:
    """Find rules behind one that is the end for everybody."""
    for number, rule in enumerate(settings.rules[:-1]):
        if not (rule.of or rule.but or isinstance(rule.then, int)):
            said = "is the end for everybody: no rule below it is looked at"
            yield SettingsProblem(("rules", number), said, warning=True)
