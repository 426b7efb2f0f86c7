"""The words for where a client is at home: ``country:DE``, ``continent:EU``, ``AS64500``.

They stand in rules, and other plugins get them as traits. With a prefix, because in YAML the
country ``NO`` alone is false.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

#: ISO 3166-1 alpha-2, and XK, which every vendor has for Kosovo. Vendors have codes of their own
#: besides, so others are only worth a warning.
CODES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ "
    "EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY "
    "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV "
    "MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY "
    "QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG "
    "TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA "
    "ZM ZW"
)
COUNTRIES = frozenset(CODES.split())

#: What people write for a country's code.
MEANT = {"UK": "GB", "EN": "GB", "EL": "GR", "SU": "RU", "TP": "TL"}

CONTINENTS = ("AF", "AN", "AS", "EU", "NA", "OC", "SA")

COUNTRY, CONTINENT, SYSTEM = "country:", "continent:", "AS"

#: RFC 6793: the number of an autonomous system has 32 bits; 0 is nobody's (RFC 7607).
LAST_SYSTEM = 2**32 - 1

CODE = re.compile(r"[A-Z]{2}")
NUMBER = re.compile(r"(?:AS)?([0-9]{1,10})")


def parse_system(text: str) -> int:
    """Read the number of an autonomous system: ``AS64500``, or the number alone.

    Returns:
        The number; 0 if it is none.
    """
    found = NUMBER.fullmatch(text.upper())
    number = int(found[1]) if found else 0
    return number if number <= LAST_SYSTEM else 0


def parse_word(text: str) -> str:
    """Read a word, in small letters or capitals.

    Returns:
        The word as it is compared.

    Raises:
        ValueError: it is none.
    """
    prefix, colon, code = text.strip().upper().partition(":")
    kind = (prefix + colon).lower()
    if kind == COUNTRY and CODE.fullmatch(code):
        return COUNTRY + code
    if kind == CONTINENT:
        if code not in CONTINENTS:
            raise ValueError(f"must be a continent of {', '.join(CONTINENTS)}, not {code!r:.40}")
        return CONTINENT + code
    number = parse_system(prefix) if prefix.startswith(SYSTEM) and not colon else 0
    if not number:
        raise ValueError(f"must be as country:DE, continent:EU or AS64500, not {text!r:.40}")
    return f"{SYSTEM}{number}"


def doubt(word: str) -> str:
    """Say why a word may never fit; nothing if it looks right."""
    code = word.removeprefix(COUNTRY)
    if code == word or code in COUNTRIES:
        return ""
    meant = f"; {MEANT[code]} is meant, perhaps" if code in MEANT else ""
    return f"is no country's code in ISO 3166{meant}: {code}"


#: One word in a setting.
Word = Annotated[
    str,
    AfterValidator(parse_word),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^([Cc]ountry:[A-Za-z]{2}|[Cc]ontinent:[A-Za-z]{2}|[Aa][Ss][0-9]{1,10})$",
            "examples": ["country:DE", "continent:EU", "AS64500"],
        }
    ),
]
