"""What is wrong with webhooks that are well-formed: files, and secrets in the open."""

import ssl
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

from webfail2ban import SettingsProblem
from webfail2ban_webhook.addresses import parse_http_url
from webfail2ban_webhook.credentials import read_secret
from webfail2ban_webhook.settings import ServiceSettings, WebhookSettings


def find_problems(name: str, settings: WebhookSettings) -> Iterator[SettingsProblem]:
    """Find what is wrong with a webhook's files.

    Args:
        name: The webhook's name.
        settings: Its settings.
    """
    yield from _try_file((name, "token_file"), settings.token_file, read_secret)
    yield from _try_file((name, "url_file"), settings.url_file, read_url)
    for header, path in settings.header_files.items():
        yield from _try_file((name, "header_files", header), path, read_secret)
    yield from _try_file((name, "ca_file"), settings.ca_file, read_certificates)
    yield from _find_open_secret(name, settings)


def find_service_problems(name: str, settings: ServiceSettings) -> Iterator[SettingsProblem]:
    """Find what is wrong with the files of one of Apprise's services.

    Args:
        name: The service's name.
        settings: Its settings.
    """
    yield from _try_file((name, "url_file"), settings.url_file, read_secret)


def read_url(path: Path) -> None:
    """Read a URL from a file.

    Raises:
        OSError: it can't be read.
        ValueError: it is none.
    """
    parse_http_url(read_secret(path))


def read_certificates(path: Path) -> None:
    """Read certificates from a file.

    Raises:
        OSError: it can't be read, or there are none in it.
    """
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        raise ValueError("must hold certificates in PEM") from None


def _try_file(
    path: tuple[str, ...], file: Path | None, read: Callable[[Path], object]
) -> Iterator[SettingsProblem]:
    if file is None:
        return
    try:
        read(file)
    except OSError as error:
        said = error.strerror or str(error)
        yield SettingsProblem(path, f"must be a file that can be read: {file}: {said}")
    except ValueError as error:
        yield SettingsProblem(path, f"{error} ({file})")


def _find_open_secret(name: str, settings: WebhookSettings) -> Iterator[SettingsProblem]:
    """Warn of secrets that go over the network as they are."""
    if settings.url is None:
        return
    url = parse_http_url(settings.url.get_secret_value())
    secrets = settings.token, settings.token_file, settings.headers, settings.header_files
    if url.scheme == "http" and any(secrets) and not _is_here(url.hostname or ""):
        said = "has no TLS: whoever is on the way can read the token and the headers"
        yield SettingsProblem((name, "url"), said, warning=True)


def _is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
