"""Certificates for tests: authorities and what they sign, as files."""

from datetime import UTC, datetime
from pathlib import Path

import trustme

from webfail2ban.config.engine import TlsSettings

#: Long over.
EXPIRED = datetime(2020, 1, 1, tzinfo=UTC)

NAME = "agent.example"


def write(path: Path, *blobs: trustme.Blob) -> Path:
    """Write certificates and keys into one file."""
    path.write_bytes(b"".join(blob.bytes() for blob in blobs))
    return path


class Pki:
    """An authority for the agent and one for HAProxy, and files with what they sign.

    Args:
        directory: Takes the files.

    Attributes:
        ca: The agent's authority.
        client_ca: HAProxy's.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ca = trustme.CA(organization_name="agents")
        self.client_ca = trustme.CA(organization_name="clients")

    @property
    def ca_file(self) -> Path:
        """The agent's authority."""
        return write(self.directory / "ca.pem", self.ca.cert_pem)

    @property
    def client_ca_file(self) -> Path:
        """HAProxy's authority."""
        return write(self.directory / "clients.pem", self.client_ca.cert_pem)

    def agent(self, name: str = "agent.pem", not_after: datetime | None = None) -> Path:
        """Write a certificate of the agent's with its key."""
        leaf = self.ca.issue_cert(NAME, "127.0.0.1", not_after=not_after)
        return write(self.directory / name, leaf.private_key_pem, *leaf.cert_chain_pems)

    def client(
        self,
        name: str = "client.pem",
        ca: trustme.CA | None = None,
        not_after: datetime | None = None,
    ) -> Path:
        """Write a certificate of HAProxy's with its key."""
        leaf = (ca or self.client_ca).issue_cert("haproxy.example", not_after=not_after)
        return write(self.directory / name, leaf.private_key_pem, *leaf.cert_chain_pems)

    def settings(self, *, client_ca: bool = False, minimum: str = "1.2") -> TlsSettings:
        """Return settings for a new certificate."""
        return TlsSettings.model_validate(
            {
                "certificate": self.agent(),
                "client_ca": self.client_ca_file if client_ca else None,
                "minimum": minimum,
            }
        )
