r"""fail2ban's filter language: read filters, compile them, find failures in log lines.

Example:
    >>> definition = FilterDefinition("login", failregex=(r"^\s*login failed from <ADDR>$",))
    >>> found = Filter(definition).find("2026-08-22 10:00:00 login failed from 192.0.2.7")
    >>> found[0].host
    '192.0.2.7'
"""

from webfail2ban.filters.datedetector import CutLine, DateDetector
from webfail2ban.filters.definition import FilterDefinition, UseDns
from webfail2ban.filters.findings import Finding, FindingKind
from webfail2ban.filters.hosts import CachedResolver
from webfail2ban.filters.lint import find_slowness, lint_filter
from webfail2ban.filters.matcher import Filter, Found
from webfail2ban.filters.parameters import StrayParameter, find_stray_parameters
from webfail2ban.filters.places import filter_dirs
from webfail2ban.filters.reader import read_filter
from webfail2ban.filters.superset import Superset, find_supersets

__all__ = [
    "CachedResolver",
    "CutLine",
    "DateDetector",
    "Filter",
    "FilterDefinition",
    "Finding",
    "FindingKind",
    "Found",
    "StrayParameter",
    "Superset",
    "UseDns",
    "filter_dirs",
    "find_slowness",
    "find_stray_parameters",
    "find_supersets",
    "lint_filter",
    "read_filter",
]
