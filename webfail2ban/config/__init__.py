"""From YAML and environment variables to checked settings, with every mistake at once.

Three steps, because plugins bring the models of their own sections::

    document = read(find(option, os.environ, Path()), os.environ)
    plugins = load(document.plugins, document.plugin_dirs)
    configuration = check(document, plugins.models)

Each raises `webfail2ban.errors.ConfigurationError` with all problems that can be told by then.
"""

from webfail2ban.config.api import ApiSettings
from webfail2ban.config.configuration import Configuration, Examined, Models, check, examine
from webfail2ban.config.document import Document, parse, read
from webfail2ban.config.durations import (
    BanDuration,
    Duration,
    parse_ban_duration,
    parse_duration,
    show_duration,
)
from webfail2ban.config.engine import (
    EngineSettings,
    FilterSettings,
    LogSettings,
    SpoaSettings,
)
from webfail2ban.config.fields import ListenAddress, LocalPath, Networks, Port, SocketPath
from webfail2ban.config.http import HttpSettings
from webfail2ban.config.schema import json_schema
from webfail2ban.config.search import find
from webfail2ban.config.settings import Settings
from webfail2ban.config.store import StoreSettings
from webfail2ban.config.verdict import VerdictSettings

__all__ = [
    "ApiSettings",
    "BanDuration",
    "Configuration",
    "Document",
    "Duration",
    "EngineSettings",
    "Examined",
    "FilterSettings",
    "HttpSettings",
    "ListenAddress",
    "LocalPath",
    "LogSettings",
    "Models",
    "Networks",
    "Port",
    "Settings",
    "SocketPath",
    "SpoaSettings",
    "StoreSettings",
    "VerdictSettings",
    "check",
    "examine",
    "find",
    "json_schema",
    "parse",
    "parse_ban_duration",
    "parse_duration",
    "read",
    "show_duration",
]
