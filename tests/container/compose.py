"""Reads compose.yaml, and says what each service would be started with."""

from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import yaml

from tests.container.dockerfile import ROOT

Service = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mount:
    """What a service finds somewhere: a file of the repository, or a volume."""

    source: str
    target: str
    mode: str

    @property
    def file(self) -> Path | None:
        """The file of the repository; None for a volume."""
        return ROOT / self.source if self.source.startswith("./") else None


class Compose:
    """The file.

    Attributes:
        services: What it says of each service.
        networks: What it says of each network.
    """

    def __init__(self) -> None:
        document = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
        self.services: dict[str, Service] = document["services"]
        self.networks: dict[str, Any] = document["networks"]

    def networks_of(self, service: str) -> set[str]:
        """Return the networks that a service is in."""
        return set(self.services[service]["networks"])

    def mounts(self, service: str) -> list[Mount]:
        """Return what is mounted into a service."""
        found = []
        for text in self.services[service].get("volumes", []):
            source, target, *mode = text.split(":")
            found.append(Mount(source, target, *mode or ["rw"]))
        return found

    def file(self, service: str, target: str) -> Path:
        """Return the file of the repository that a service finds at a path."""
        (mount,) = [mount for mount in self.mounts(service) if mount.target == target]
        assert mount.file is not None
        return mount.file

    def address(self, service: str, network: str) -> str:
        """Return the address that a service has in a network, which must be fixed and within it."""
        address: str = self.services[service]["networks"][network]["ipv4_address"]
        (pool,) = self.networks[network]["ipam"]["config"]
        assert ip_network(address).subnet_of(ip_network(pool["subnet"]))  # type: ignore[arg-type]
        return address
