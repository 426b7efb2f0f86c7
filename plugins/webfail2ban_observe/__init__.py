"""Jails without a log: what HAProxy saw of a request and its answer counts as a failure.

HAProxy tells it in a SPOE message of its own, which is acknowledged at once. No file has to be
followed, no date read, and nobody can forge a line.
"""

from webfail2ban_observe.observe import Observe
from webfail2ban_observe.settings import (
    FailureSettings,
    ObservedSettings,
    ObserveSettings,
    SuccessSettings,
)

__all__ = ["FailureSettings", "Observe", "ObserveSettings", "ObservedSettings", "SuccessSettings"]
