"""The predecessor's ``config.yaml``: a program in Go, by the same name, that this one follows.

What its keys mean is told by its documentation; where its program did otherwise, a remark says so.
Its failures were counted for each client over all patterns together, and a pattern's severity was
told but not counted: so there is one jail here, in which each match is one failure.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

import yaml

from webfail2ban.config import parse_duration
from webfail2ban.errors import ConfigurationError, Problem
from webfail2ban.migration.draft import Draft, Section
from webfail2ban.migration.expressions import convert
from webfail2ban.model import Json

#: A section of its file.
Keys = Mapping[str, Json]

#: The jail that has its patterns.
JAIL = "imported"

#: What it did where its file says nothing.
SYSLOG_ADDRESS = "127.0.0.1:514"
ADDRESS = "0.0.0.0"  # noqa: S104 - it did
FACTOR = 2.0

#: Its lengths of time by their names here, in a jail.
LIMITS: Mapping[str, tuple[str, Json]] = {
    "max_attempts": ("maxretry", 5),
    "time_window": ("findtime", "10m"),
    "initial_ban_time": ("bantime", "5m"),
    "max_ban_time": ("bantime.maxtime", "24h"),
}

#: Filters that come along, by a word in the predecessor's patterns.
FILTERS = {"dovecot": "dovecot[mode=login]", "postfix": "postfix", "sogo": "sogo"}

#: Sections without a counterpart, and what to do about each.
ELSEWHERE = {
    "database": "patterns, limits and lists that it kept in its database aren't read: add its "
    "patterns to `syslog.patterns` and import again, its whitelist to `whitelist.networks`, its "
    "blacklist with `webfail2ban import`. What lasts here is in `store.path`",
    "envoy": "gRPC isn't spoken: Envoy's ext_authz asks over HTTP, see `http` and docs/http.md",
    "prometheus": "`/metrics` is a path of the API: set `api.address` and `api.port`",
    "api": "users and passwords become one token: see `api.token_file` and `api.allow`",
}


def draft_predecessor(path: Path) -> Draft:
    """Make a configuration of the predecessor's.

    Args:
        path: Its file.

    Raises:
        ConfigurationError: it can't be read, or is no such file.
    """
    keys = _read(path)
    draft = Draft(f"the predecessor's {path}")
    draft.load_plugins(["whitelist", "jails", "syslog"])
    _spoa(draft, _section(keys, "spoa"))
    _http(draft, _section(keys, "nginx"))
    syslog = _section(keys, "syslog")
    ban = _section(keys, "ban")
    _syslog(draft, syslog)
    _store(draft, ban)
    _jails(draft, ban, syslog.get("patterns") or [])
    for key in keys:
        if key not in {"spoa", "nginx", "syslog", "ban"}:
            draft.leave_out(str(key), ELSEWHERE.get(str(key), "has no counterpart"))
    return draft


def _read(path: Path) -> Keys:
    try:
        keys = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(
            [Problem(error.strerror or str(error), source=str(path))]
        ) from None
    except RecursionError:
        message = "is nested too deep, and no configuration"
        raise ConfigurationError([Problem(message, source=str(path))]) from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        message = f"is no YAML: {' '.join(str(error).split())}"
        raise ConfigurationError([Problem(message, source=str(path))]) from None
    message = "is no predecessor's configuration"
    if not isinstance(keys, dict) or not {"syslog", "ban", "spoa"} & keys.keys():
        message = f"{message}: it has neither syslog nor ban nor spoa"
    elif "plugins" in keys:
        message = f"{message} but webfail2ban's own: it names plugins"
    else:
        return keys
    raise ConfigurationError([Problem(message, source=str(path))])


def _section(keys: Keys, name: str) -> Keys:
    found = keys.get(name)
    return found if isinstance(found, dict) else {}


def _spoa(draft: Draft, keys: Keys) -> None:
    spoa = draft.section("spoa")
    spoa.set("enabled", bool(keys.get("enabled", True)))
    address = str(keys.get("address", ADDRESS))
    spoa.set("address", address)
    if not _is_loopback(address):
        spoa.remark("Whoever reaches this port may ask: keep it to HAProxy, or use spoa.tls.")
    spoa.set("port", keys.get("port", 12345))
    spoa.set("max_clients", keys.get("max_clients", 100))
    _duration(spoa, "read_timeout", "read_timeout", keys.get("read_timeout", "30s"))
    _name_rest(spoa, keys, {"enabled", "address", "port", "max_clients", "read_timeout"})


def _http(draft: Draft, keys: Keys) -> None:
    """Answer nginx where it asked, if the file says so."""
    if not keys or not keys.get("enabled", True):
        return
    http = draft.section("http")
    address = str(keys.get("address", ADDRESS))
    http.set("address", address)
    http.set("port", keys.get("port", 8888))
    if not _is_loopback(address):
        http.set("trusted", ["127.0.0.0/8", "::1"])
        http.warn("name in `trusted` the proxies that ask: the predecessor answered anybody")
    http.remark(
        "The client is who X-Forwarded-For names, and nginx has to set it: docs/http.md says how. "
        "X-Original-IP and others aren't looked at; see address_header."
    )
    _duration(http, "read_timeout", "read_timeout", keys.get("read_timeout", "10s"))
    _name_rest(http, keys, {"address", "port", "enabled", "read_timeout"})


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _duration(section: Section, key: str, theirs: str, value: Json) -> float | None:
    """Set a length of time; what is none is left out."""
    try:
        seconds = parse_duration(value)
    except ValueError as error:
        section.leave_out(theirs, f"it {error}; the default holds")
        return None
    section.set(key, value)
    return seconds


def _name_rest(section: Section, keys: Keys, known: set[str]) -> None:
    for key in keys:
        if key not in known:
            section.leave_out(str(key), "has no counterpart")


def _syslog(draft: Draft, keys: Keys) -> None:
    syslog = draft.section("syslog")
    host, _, port = str(keys.get("address", SYSLOG_ADDRESS)).rpartition(":")
    syslog.set("address", f"{host or '0.0.0.0'}:{port}")  # noqa: S104 - no host is every host to Go
    syslog.set(
        "protocols", ["tcp" if str(keys.get("protocol", "udp")).startswith("tcp") else "udp"]
    )
    if not _is_loopback(host):
        syslog.set("allow", ["127.0.0.0/8", "::1"])
        syslog.warn(
            "name in `allow` the machines that send logs: the predecessor took lines from anybody, "
            "and whoever may send lines may have anybody banned"
        )
    _name_rest(syslog, keys, {"address", "protocol", "patterns"})


def _store(draft: Draft, ban: Keys) -> None:
    if "max_memory_ttl" in ban:
        store = draft.section("store")
        _duration(store, "purge_age", "ban.max_memory_ttl", ban["max_memory_ttl"])


def _jails(draft: Draft, ban: Keys, patterns: Json) -> None:
    jails = draft.section("jails")
    defaults = jails.section("DEFAULT")
    for theirs, (ours, usual) in LIMITS.items():
        value = ban.get(theirs, usual)
        if ours == "maxretry":
            defaults.set(ours, value)
        else:
            _duration(defaults, ours, theirs, value)
    _escalation(defaults, ban.get("escalation_factor", FACTOR))
    defaults.set(
        "ignoreip",
        ["127.0.0.0/8", "::1"],
        "Your proxies belong here, and into trusted_proxies.",
    )
    if "cleanup_interval" in ban:
        defaults.leave_out("cleanup_interval", "bans end by themselves, to the second")
    _name_rest(defaults, ban, {*LIMITS, "escalation_factor", "cleanup_interval", "max_memory_ttl"})
    _patterns(jails, patterns if isinstance(patterns, list) else [])


def _escalation(defaults: Section, factor: Json) -> None:
    """Have each ban last longer than the one before, as the documentation says."""
    if not isinstance(factor, int | float) or isinstance(factor, bool) or factor <= 0:
        defaults.leave_out("escalation_factor", f"it must be above zero, not {factor}")
        return
    defaults.set(
        "bantime.increment",
        factor != 1,
        "As documented: the first ban lasts bantime, each further one that times the factor.",
        "The predecessor itself multiplied its time by the factor and by the number of the ban.",
    )
    if factor not in {1, FACTOR}:
        defaults.set("bantime.formula", "ban.Time * banFactor ** ban.Count")
        defaults.set("bantime.factor", factor)


def _patterns(jails: Section, patterns: list[Json]) -> None:
    jail = jails.section(JAIL)
    failregex: list[Json] = []
    for number, pattern in enumerate(patterns):
        keys = pattern if isinstance(pattern, dict) else {}
        name = str(keys.get("name", f"pattern {number + 1}"))
        if not keys.get("ip_group"):
            jail.warn(f"{name} has no ip_group: its first group is taken for the address")
        try:
            failregex.append(convert(str(keys.get("regex", "")), _group(keys)))
        except ValueError as error:
            jail.leave_out(name, f"{error}: {keys.get('regex')}")
            continue
        if str(keys["regex"]).startswith("^"):
            jail.warn(f"{name} begins with ^: lines begin with the host's name here, not with <34>")
    if not failregex:
        del jails.entries[JAIL]
        jails.warn("there is no pattern that could be taken over: name filters, see config.yaml")
        return
    jail.remark(
        "Severities don't count, as with the predecessor: a match is a failure. A line that "
        "several of its patterns matched was several failures there, and is one here.",
        "Who can write something into a line, a user name, can aim expressions like these at "
        "somebody else, or slow them down: `webfail2ban check-config` says which. The filters that "
        "come along are safe, and also count IPv6; try them with `webfail2ban replay`:",
        *_alternatives(failregex),
    )
    jail.set("failregex", failregex)


def _group(keys: Keys) -> int:
    """Return the group with the address. Without one, which never banned anybody, the first."""
    group = keys.get("ip_group") or 1
    return group if isinstance(group, int) else 0


def _alternatives(failregex: list[Json]) -> list[str]:
    """Return the jails that could stand there instead."""
    text = "".join(map(str, failregex)).lower()
    found = [f"{name}: {{filter: '{spec}'}}" for name, spec in FILTERS.items() if name in text]
    return found or ["dovecot: {filter: 'dovecot[mode=login]'}"]
