"""Limits that differ by words that nobody says of a client."""

from collections.abc import Iterator
from difflib import get_close_matches

from webfail2ban import SettingsProblem
from webfail2ban_jails.settings import DEFAULT, JailsSettings

#: The limits that may differ, by their names in the model and in the file.
VARYING = {"maxretry_by": "maxretry", "findtime_by": "findtime", "bantime_by": "bantime"}

#: The plugin of ours that says such words.
KNOWER = "geoip"


def find_unsaid_words(
    settings: JailsSettings, beginnings: frozenset[str]
) -> Iterator[SettingsProblem]:
    """Find limits for clients of whom no plugin ever says that they are such.

    Args:
        settings: All jails.
        beginnings: How the words begin that plugins say.
    """
    defaults = {DEFAULT: settings.root[DEFAULT]} if DEFAULT in settings.root else {}
    looked_at: set[int] = set()
    for name, jail in {**defaults, **settings.enabled}.items():
        for field, setting in VARYING.items():
            limit = getattr(jail, field)
            if id(limit) in looked_at:  # DEFAULT's own
                continue
            looked_at.add(id(limit))
            for word in limit.others:
                if not word.startswith(tuple(beginnings)):
                    said = f"names {word}, which no plugin says of a client"
                    hint = _suggest(word, beginnings)
                    yield SettingsProblem((name, setting), f"{said}; {hint}", warning=True)


def _suggest(word: str, beginnings: frozenset[str]) -> str:
    if not beginnings:
        return f"add a plugin that does, such as {KNOWER}"
    kind, colon, value = word.partition(":")
    alike = get_close_matches(kind + colon, beginnings, n=1)
    return f"did you mean {alike[0]}{value}?" if alike else f"they say {_list(beginnings)}"


def _list(beginnings: frozenset[str]) -> str:
    return ", ".join(f"{beginning}..." for beginning in sorted(beginnings))
