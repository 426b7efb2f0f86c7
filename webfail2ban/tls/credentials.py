"""The certificate in force: replaced when its files change, kept when what is there is broken."""

import logging
import os
from pathlib import Path

from webfail2ban.config.engine import TlsSettings
from webfail2ban.tls.certificates import CertificateError, files, make_context

log = logging.getLogger(__name__)

#: What a file that has changed differs in; None for one that isn't there.
Stamp = tuple[int, int, int, int] | None


class Credentials:
    """What is shown to clients and demanded of them.

    Args:
        settings: The section ``spoa.tls``.

    Attributes:
        context: In force for new connections.

    Raises:
        CertificateError: TLS can't be spoken with these files.
    """

    def __init__(self, settings: TlsSettings) -> None:
        self._settings = settings
        self._paths = files(settings)
        self._read = self._seen = self._stamps()
        self.context = make_context(settings)

    def look(self) -> None:
        """Read the files again if they have changed, and not since the last look.

        Whoever renews a certificate writes two files, one after the other.
        """
        before, self._seen = self._seen, self._stamps()
        if self._seen == self._read or self._seen != before:
            return
        self._read = self._seen
        try:
            self.context = make_context(self._settings)
        except CertificateError as error:
            log.error("%s; the certificate that was read before stays in force", error)  # noqa: TRY400 - it is explained
        else:
            log.info("spoa.tls: the certificate has changed; new connections get the new one")

    def warn(self) -> None:
        """Say so if we, who read the files as root perhaps, can't read them when they change."""
        for setting, path in self._paths.items():
            if not os.access(path, os.R_OK):
                log.warning(
                    "spoa.tls.%s: %s isn't readable any more: when it changes, a restart is needed",
                    setting,
                    path,
                )

    def _stamps(self) -> list[Stamp]:
        return [_stamp(path) for path in self._paths.values()]


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
