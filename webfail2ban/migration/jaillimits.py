"""A jail's limits, from fail2ban's words to ours."""

import re
from math import inf, prod

from webfail2ban.config import parse_ban_duration
from webfail2ban.filters.ini import DEFAULT
from webfail2ban.migration.draft import Section
from webfail2ban.migration.jailfiles import JailFiles
from webfail2ban.migration.jailspared import set_spared
from webfail2ban.model import Json

#: Lengths of time.
TIMES = ("findtime", "bantime", "bantime.maxtime", "bantime.rndtime")

#: Switches.
FLAGS = ("bantime.increment", "bantime.overalljails", "ignoreself")

#: What is taken as it is.
TEXTS = ("bantime.factor", "bantime.formula", "bantime.multipliers")

#: What has no counterpart, and what there is instead.
MISSING = {
    "ignorecommand": "no program is asked; `ignoreip`, `whitelist` or a plugin of your own do it",
    "ignorecache": "it belongs to ignorecommand",
    "logtimezone": "dates without a zone are in this machine's",
}

#: A product of seconds, as fail2ban's arithmetic was often used.
_PRODUCT = re.compile(r"\d+(?:\s*\*\s*\d+)+")


def set_limits(files: JailFiles, jail: str, section: Section) -> None:
    """Set a jail's limits and whom it spares, as far as they differ from those of DEFAULT.

    Args:
        files: fail2ban's.
        jail: The jail, or ``DEFAULT``.
        section: The jail here.
    """
    _number(files, jail, section, "maxretry")
    for option in TIMES:
        if text := _differing(files, jail, option):
            try:
                section.set(option, _time(text))
            except ValueError:
                section.leave_out(f"{option} = {text}", "it is no length of time")
    for option in FLAGS:
        if _differing(files, jail, option):
            section.set(option, files.flag(jail, option))
    for option in TEXTS:
        if text := _differing(files, jail, option):
            section.set(option, " ".join(text.split()))
    if files.get(jail, "maxmatches") != files.get(jail, "maxretry"):
        _number(files, jail, section, "maxmatches")
    set_spared(files, jail, section)
    _dns(files, jail, section)
    _name_missing(files, jail, section)


def read_time(text: str | None) -> float:
    """Return a length of time in seconds; 0 for what is none."""
    try:
        return 0.0 if text is None else parse_ban_duration(_time(text))
    except ValueError:
        return 0.0


def _differing(files: JailFiles, jail: str, option: str) -> str | None:
    """Return what a jail says, unless it is what DEFAULT says."""
    text = files.get(jail, option)
    return None if jail != DEFAULT and text == files.get(DEFAULT, option) else text


def _number(files: JailFiles, jail: str, section: Section, option: str) -> None:
    text = _differing(files, jail, option)
    if text is None:
        return
    if text.isdecimal():
        section.set(option, int(text))
    else:
        section.leave_out(f"{option} = {text}", "it is no number")


def _time(text: str) -> Json:
    """Return a length of time as the configuration takes it.

    Raises:
        ValueError: it is none.
    """
    if _PRODUCT.fullmatch(text):
        return prod(int(number) for number in text.split("*"))
    if parse_ban_duration(text) == inf:
        return "permanent"
    return int(text) if text.isdecimal() else text


def _dns(files: JailFiles, jail: str, section: Section) -> None:
    text = (_differing(files, jail, "usedns") or "").lower()
    if text == "warn":
        section.leave_out(
            "usedns = warn",
            "host names in logs aren't looked up, because an attacker owns his reverse DNS; "
            "`usedns: warn` brings it back",
        )
    elif text in {"yes", "no", "raw"}:
        section.set("usedns", text)


def _name_missing(files: JailFiles, jail: str, section: Section) -> None:
    for option, why in MISSING.items():
        if text := _differing(files, jail, option):
            section.leave_out(f"{option} = {text}", why)
    encoding = _differing(files, jail, "logencoding")
    if encoding and encoding.lower() not in {"auto", "utf-8", "utf8"}:
        section.leave_out(f"logencoding = {encoding}", "tail.encoding is for all files")
