"""fail2ban's directory: its enabled jails, with their filters, logs and limits."""

from pathlib import Path

from webfail2ban.errors import FilterError
from webfail2ban.filters.ini import DEFAULT
from webfail2ban.filters.spec import parse_spec
from webfail2ban.migration.draft import Draft, Section
from webfail2ban.migration.jailfiles import JailFiles
from webfail2ban.migration.jailfilter import JailFilter, find_filter
from webfail2ban.migration.jaillimits import read_time, set_limits
from webfail2ban.migration.jaillogs import Logs
from webfail2ban.migration.jailspared import whitelist_names
from webfail2ban.migration.wording import name_some
from webfail2ban.model import Json

#: The jail that reads fail2ban's own log for those who were banned again and again.
RECIDIVE = "recidive"

#: What fail2ban remembers ended bans for unless it says otherwise, and webfail2ban too.
PURGE_AGE = 86_400.0

#: What a jail's `blocktype` is whose action lets clients in, who knocked at a secret place.
LETTING_IN = frozenset({"ACCEPT", "RETURN"})

#: Words in the names of actions, and what does their work here.
ACTIONS = {
    "mail": "the plugin apprise sends mail, webhook asks a web service",
    "cloudflare": "the plugin webhook asks a web service",
    "abuseipdb": "the plugin webhook asks a web service",
    "blocklist": "the plugin webhook asks a web service",
    "xarf": "the plugin apprise sends mail",
}


def draft_fail2ban(directory: Path, *, keep_filters: bool = False) -> Draft:
    """Make a configuration of fail2ban's.

    Args:
        directory: fail2ban's, ``/etc/fail2ban``.
        keep_filters: Whether to take fail2ban's filters also where webfail2ban has one of the same
            name, which is safe against hostile lines.

    Raises:
        ConfigurationError: it is no such directory.
        FilterError: its files can't be read.
    """
    files = JailFiles(directory)
    draft = Draft(f"fail2ban's {directory}")
    draft.remark(
        "Bans hold where HAProxy asks. What doesn't pass through HAProxy, SSH perhaps, isn't "
        "protected by them: leave such jails to fail2ban, and delete them here."
    )
    _remember(draft, files)
    logs = Logs(files)
    _jails(draft, files, logs, keep_filters=keep_filters)
    draft.load_plugins(["whitelist", "jails", *logs.settle(draft)])
    return draft


def _remember(draft: Draft, files: JailFiles) -> None:
    text = files.purge_age()
    if text and read_time(text) not in {0.0, PURGE_AGE}:
        draft.section("store").set("purge_age", text)


def _jails(draft: Draft, files: JailFiles, logs: Logs, *, keep_filters: bool) -> None:
    jails = draft.section("jails")
    names = list(files.enabled())
    if not names:
        jails.warn("no jail is enabled in fail2ban's files")
    _name_actions(jails, files, names)
    set_limits(files, DEFAULT, jails.section(DEFAULT))
    for name in names:
        jail = jails.section(name)
        try:
            _jail(jail, files, name, logs, keep_filters=keep_filters)
        except (FilterError, ValueError) as error:
            del jails.entries[name]
            jails.leave_out(f"jail {name}", str(error))
    whitelist_names(files, [name for name in names if name in jails.entries] or [DEFAULT], draft)


def _jail(jail: Section, files: JailFiles, name: str, logs: Logs, *, keep_filters: bool) -> None:
    """Set a jail.

    Raises:
        FilterError: it has no filter that can be used.
        ValueError: it reads no log, or is no jail in our sense.
    """
    if (files.get(name, "blocktype") or "").upper() in LETTING_IN:
        raise ValueError("its action lets clients in: whoever it finds would be refused here")
    if parse_spec(files.get(name, "filter") or name).name == RECIDIVE:
        jail.set("bans_of", ["*"], "Counts bans themselves, instead of reading them in a log.")
        set_limits(files, name, jail)
        return
    found = find_filter(files, name, journal=logs.is_journal(name), keep=keep_filters)
    _set_filter(jail, found)
    sources: list[Json] = [*logs.add(name, found.definition.journalmatch, jail)]
    jail.set("sources", sources)
    set_limits(files, name, jail)


def _set_filter(jail: Section, found: JailFilter) -> None:
    """Name a jail's filter, or write down what it is with the jail's own expressions."""
    if found.spec is not None:
        own = "webfail2ban's own filter of that name; --keep-filters takes fail2ban's."
        jail.set("filter", found.spec, *[own] * found.own)
        return
    definition = found.definition
    for option in ("failregex", "ignoreregex", "datepattern"):
        lines: list[Json] = [*getattr(definition, option)]
        if lines:
            jail.set(option, lines)


def _name_actions(jails: Section, files: JailFiles, names: list[str]) -> None:
    """Name what fail2ban does when it bans: here HAProxy is told."""
    users: dict[str, dict[str, None]] = {}
    for name in names:
        for action in files.actions(name):
            users.setdefault(action, {})[name] = None
    for action, users_of_it in users.items():
        why = next((text for word, text in ACTIONS.items() if word in action), None)
        jails.leave_out(
            f"action {action} ({name_some(users_of_it)})",
            why or "HAProxy refuses whoever is banned",
        )
