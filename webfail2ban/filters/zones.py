"""Time zones as logs write them: names, abbreviations and offsets."""

import re

from webfail2ban.filters.datecodes import ZONE_NAME

#: Minutes east of Greenwich. Abbreviations mean different zones to different people: RFC 2822 4.3
#: decides for North America, common use in mail logs for the rest.
OFFSETS = {
    "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "BST": 60, "IST": 330,
    "CET": 60, "CEST": 120, "MET": 60, "MEST": 120, "SAST": 120,
    "EET": 120, "EEST": 180, "MSK": 180, "MSD": 240,
    "PKT": 300, "NPT": 345, "ICT": 420, "WIB": 420, "HKT": 480, "SGT": 480, "AWST": 480,
    "JST": 540, "KST": 540, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660,
    "NZST": 720, "NZDT": 780,
    "NST": -210, "NDT": -150, "AST": -240, "ADT": -180, "EST": -300, "EDT": -240,
    "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    "AKST": -540, "AKDT": -480, "HST": -600, "BRT": -180, "ART": -180,
}  # fmt: skip

#: The letters of the nautical zones: east from A to M without J, west from N to Y, Z is Greenwich.
_EAST, _WEST = "ABCDEFGHIKLM", "NOPQRSTUVWXY"
OFFSETS |= {letter: 60 * hours for hours, letter in enumerate(_EAST, 1)}
OFFSETS |= {letter: -60 * hours for hours, letter in enumerate(_WEST, 1)}
OFFSETS["Z"] = 0

_ZONE = re.compile(rf"(?P<name>{ZONE_NAME})?(?:(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?)?")


def zone_offset(text: str) -> int | None:
    """Return a zone's offset in seconds east of Greenwich.

    Args:
        text: ``Z``, ``UTC``, ``CEST``, ``+0200``, ``-05:30``, ``+02``, or name and offset together.

    Returns:
        None for a name that isn't known; names are upper case.
    """
    match = _ZONE.fullmatch(text)
    if match is None or not text:
        return None
    minutes = OFFSETS.get(match["name"], None) if match["name"] else 0
    if minutes is None:
        return None
    if match["sign"]:
        offset = 60 * int(match["hours"]) + int(match["minutes"] or 0)
        minutes += -offset if match["sign"] == "-" else offset
    return 60 * minutes
