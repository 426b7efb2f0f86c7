"""webfail2ban: fail2ban for everything behind HAProxy.

These names are the public API: what a plugin imports. Everything else may change at any time.
"""

from webfail2ban.addresses import (
    Address,
    Network,
    client_network,
    fold,
    parse_address,
    parse_network,
    show_network,
)
from webfail2ban.config import (
    BanDuration,
    Duration,
    LocalPath,
    Networks,
    Settings,
    show_duration,
)
from webfail2ban.hookspecs import hookimpl
from webfail2ban.interfaces import Engine, Host, Sensor
from webfail2ban.model import (
    Ban,
    Failure,
    LogLine,
    Opinion,
    Query,
    SettingsProblem,
    Stance,
    Value,
    Verdict,
)

__all__ = [
    "Address",
    "Ban",
    "BanDuration",
    "Duration",
    "Engine",
    "Failure",
    "Host",
    "LocalPath",
    "LogLine",
    "Network",
    "Networks",
    "Opinion",
    "Query",
    "Sensor",
    "Settings",
    "SettingsProblem",
    "Stance",
    "Value",
    "Verdict",
    "client_network",
    "fold",
    "hookimpl",
    "parse_address",
    "parse_network",
    "show_duration",
    "show_network",
]
