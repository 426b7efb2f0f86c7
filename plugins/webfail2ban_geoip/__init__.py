"""The plugin ``geoip``: where clients are at home, by databases in the MMDB format.

It tells HAProxy each client's country and autonomous system, has rules of its own by these, and
lets other plugins name them in their settings, such as a jail's limits. Databases of MaxMind,
DB-IP, IPinfo and others do, several at once; they are looked at again when they change.
"""

from webfail2ban_geoip.geoip import GeoIP
from webfail2ban_geoip.settings import GeoIPSettings, RuleSettings

__all__ = ["GeoIP", "GeoIPSettings", "RuleSettings"]
