"""What clients say first: rules on the bytes that HAProxy passes on from a connection.

A service whose protocol is known refuses who speaks another one, before the service hears of him.
"""

from webfail2ban_payload.payload import Payload
from webfail2ban_payload.settings import CheckSettings, PayloadSettings, RuleSettings

__all__ = ["CheckSettings", "Payload", "PayloadSettings", "RuleSettings"]
