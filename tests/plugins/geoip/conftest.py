from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from webfail2ban import Opinion, Query
from webfail2ban.testing import FakeEngine
from webfail2ban_geoip import GeoIP, GeoIPSettings

Records = dict[str, Any]

#: The same three clients in the words of three vendors. Some records hold what others don't.
MAXMIND: Records = {
    "2.16.0.0/16": {
        "continent": {"code": "EU", "names": {"en": "Europe"}},
        "country": {"iso_code": "DE", "names": {"en": "Germany"}},
        "registered_country": {"iso_code": "US"},
    },
    "3.0.0.0/8": {"continent": {"code": "NA"}, "registered_country": {"iso_code": "US"}},
    "2a00::/16": {"continent": {"code": "EU"}, "country": {"iso_code": "FR"}},
}
MAXMIND_ASN: Records = {
    "2.16.0.0/20": {
        "autonomous_system_number": 64500,
        "autonomous_system_organization": "Example Hosting",
    },
    "2a00::/24": {"autonomous_system_number": 64501},
}
IPINFO_LITE: Records = {
    "2.16.0.0/16": {
        "asn": "AS64500",
        "as_name": "Example Hosting",
        "country": "Germany",
        "country_code": "DE",
        "continent": "Europe",
        "continent_code": "EU",
    },
    "2a00::/16": {"country": "France", "country_code": "FR", "continent_code": "EU"},
}
IPINFO: Records = {
    "2.16.0.0/16": {
        "asn": "AS64500",
        "as_name": "Example Hosting",
        "country": "DE",
        "country_name": "Germany",
        "continent": "EU",
    },
    "2a00::/16": {"country": "FR", "continent": "EU", "asn": "AS64501", "as_name": ""},
}
REGISTRIES: Records = {"2.16.0.0/16": {"country_code": "DE"}, "2a00::/16": {"country_code": "FR"}}


def write(path: Path, records: Records, kind: str = "test", version: int = 6) -> Path:
    """Write a database, as a whole, in place of what was there."""
    writer = MMDBWriter(version, kind, ipv4_compatible=version == 6)
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    new = path.with_suffix(".new")
    writer.to_db_file(str(new))
    new.replace(path)
    return path


class Rig:
    """The plugin with a database of MaxMind's shape."""

    def __init__(self, directory: Path, engine: FakeEngine) -> None:
        self.path = directory / "country.mmdb"
        self.engine = engine
        self.plugin = GeoIP()

    def start(self, *paths: Path, **settings: Any) -> "Rig":
        settings = {"databases": [*paths] or [self.path], **settings}
        self.plugin.configure(GeoIPSettings.model_validate(settings))
        self.plugin.start_engine(self.engine)
        return self

    def ask(self, address: str) -> Opinion:
        opinion = self.plugin.opinion(Query("check-ip", (), ip_address(address)))
        assert opinion is not None
        return opinion

    def country(self, address: str) -> object:
        return self.ask(address).variables["country"]

    def look(self, times: int = 1) -> None:
        for _ in range(times):
            for function in self.engine.spawned:
                function()

    @property
    def problems(self) -> list[str]:
        return list(self.plugin.status().problems)


@pytest.fixture
def rig(tmp_path: Path, engine: FakeEngine) -> Iterator[Callable[..., Rig]]:
    """Start the plugin with MaxMind's databases."""
    plugins = []

    def make(**settings: Any) -> Rig:
        rig = Rig(tmp_path, engine)
        write(rig.path, MAXMIND, "GeoLite2-Country")
        systems = write(tmp_path / "asn.mmdb", MAXMIND_ASN, "GeoLite2-ASN")
        engine.clock.time = rig.path.stat().st_mtime
        rig.start(rig.path, systems, **settings)
        plugins.append(rig.plugin)
        return rig

    yield make
    for plugin in plugins:
        plugin.stop_engine()
