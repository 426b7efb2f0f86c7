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
from webfail2ban.addressset import AddressSet
from webfail2ban.config import (
    BanDuration,
    Duration,
    EngineSettings,
    LocalPath,
    Networks,
    Settings,
    SocketPath,
    show_duration,
)
from webfail2ban.drafts import make_ban, make_failure
from webfail2ban.errors import ActionError, FilterError
from webfail2ban.filters import (
    CutLine,
    DateDetector,
    Filter,
    FilterDefinition,
    Finding,
    FindingKind,
    Found,
    StrayParameter,
    Superset,
    UseDns,
    filter_dirs,
    find_slowness,
    find_stray_parameters,
    find_supersets,
    lint_filter,
    read_filter,
)
from webfail2ban.hooks.hookspecs import hookimpl
from webfail2ban.hooks.interfaces import Engine, Host, Sensor
from webfail2ban.hooks.offers import Offer, Offers
from webfail2ban.hostnames import parse_host_name
from webfail2ban.loglines import LogLines, logs_of, look_at, texts_of
from webfail2ban.model import (
    Ban,
    Failure,
    Json,
    LogLine,
    Opinion,
    Query,
    SettingsProblem,
    Stance,
    Value,
    Verdict,
)
from webfail2ban.networks import NetworkMap
from webfail2ban.notices import Notices
from webfail2ban.ownaddresses import OwnAddresses
from webfail2ban.statuses import ClientCount, JailStatus, Metric, SourceStatus, Status

__all__ = [
    "ActionError",
    "Address",
    "AddressSet",
    "Ban",
    "BanDuration",
    "ClientCount",
    "CutLine",
    "DateDetector",
    "Duration",
    "Engine",
    "EngineSettings",
    "Failure",
    "Filter",
    "FilterDefinition",
    "FilterError",
    "Finding",
    "FindingKind",
    "Found",
    "Host",
    "JailStatus",
    "Json",
    "LocalPath",
    "LogLine",
    "LogLines",
    "Metric",
    "Network",
    "NetworkMap",
    "Networks",
    "Notices",
    "Offer",
    "Offers",
    "Opinion",
    "OwnAddresses",
    "Query",
    "Sensor",
    "Settings",
    "SettingsProblem",
    "SocketPath",
    "SourceStatus",
    "Stance",
    "Status",
    "StrayParameter",
    "Superset",
    "UseDns",
    "Value",
    "Verdict",
    "client_network",
    "filter_dirs",
    "find_slowness",
    "find_stray_parameters",
    "find_supersets",
    "fold",
    "hookimpl",
    "lint_filter",
    "logs_of",
    "look_at",
    "make_ban",
    "make_failure",
    "parse_address",
    "parse_host_name",
    "parse_network",
    "read_filter",
    "show_duration",
    "show_network",
    "texts_of",
]
