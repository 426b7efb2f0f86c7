"""Where a running engine is asked: what the command line says, or the configuration's ``api``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from webfail2ban.config import ApiSettings, find, parse, read
from webfail2ban.config.api import check_token
from webfail2ban.config.document import Document
from webfail2ban.config.environment import overlay
from webfail2ban.config.search import VARIABLE
from webfail2ban.config.validation import validate
from webfail2ban.errors import ConfigurationError, Problem

#: Names the engine where ``--api`` doesn't.
API_VARIABLE = "WEBFAIL2BAN_API"

#: Holds the token, for the engine as for those who ask it.
TOKEN_VARIABLE = "FAIL2BAN_API_TOKEN"  # noqa: S105 - its name

#: The section's variables begin so; no other is looked at.
SECTION_PREFIX = "FAIL2BAN_API"

#: The section in a file that is no YAML elsewhere: up to the next line that isn't indented.
SECTION = re.compile(r"^api:.*\n?(?:(?:[ \t].*|#.*)?\n)*(?:[ \t].*)?", re.MULTILINE)

#: What somebody writes who means a URL: no socket is called so.
HOST_AND_PORT = re.compile(r"[^/:]+:\d+|\[[^]/]*\]:\d+")

#: Bytes of a configuration that are looked at for the section.
MAX_BYTES = 4 * 1024 * 1024

#: Bytes of a token's file that are read.
MAX_TOKEN = 4096


@dataclass(frozen=True, slots=True)
class Place:
    """Where an engine is asked: one of `socket` and `url` is set.

    Attributes:
        socket: The unix socket's path.
        url: ``http://host:port`` or ``https://...``.
        token: What to show over TCP.
        group: The group that the socket belongs to, as the configuration says; for people.
    """

    socket: Path | None = None
    url: str = ""
    token: SecretStr | None = field(default=None, repr=False)
    group: str = ""

    def __str__(self) -> str:
        """Name it for people."""
        return self.url or str(self.socket)


def find_place(
    api: str | None,
    token_file: Path | None,
    config_path: Path | None,
    env: Mapping[str, str],
    cwd: Path,
) -> Place:
    """Return where the engine is asked.

    The first of these that there is: ``--api``, ``WEBFAIL2BAN_API``, the section ``api`` of the
    configuration that ``run`` would take, with the environment's settings over it, the default.

    Args:
        api: What ``--api`` says: a socket's path or a URL; None if it isn't given.
        token_file: What ``--token-file`` says.
        config_path: What ``--config`` says.
        env: All environment variables.
        cwd: The working directory.

    Raises:
        ConfigurationError: what is said can't be used.
    """
    named, source = (api, "--api") if api else (env.get(API_VARIABLE), API_VARIABLE)
    if named:
        return _read_named(named, source, token_file, env)
    settings = read_api_settings(config_path, env, cwd)
    if settings.socket is not None:
        return Place(socket=settings.socket, group=settings.group or "")
    if settings.address is None:
        raise _problem("there is no API to ask", "api", "set api.socket, or name one with --api")
    if not settings.port:
        message = "takes any port, so it can't be told which one it is"
        raise _problem(message, "api.port", "name the address with --api")
    path = token_file or settings.token_file
    token = settings.token if path is None else read_token_file(path)
    return Place(url=f"http://{_reachable(settings.address)}:{settings.port}", token=token)


def read_api_settings(config_path: Path | None, env: Mapping[str, str], cwd: Path) -> ApiSettings:
    """Read the section ``api`` and nothing else: the rest may be wrong, and no plugin is loaded.

    Args:
        config_path: What ``--config`` says; None to look in the usual places.
        env: All environment variables.
        cwd: The working directory.

    Raises:
        ConfigurationError: the file that was named isn't there, or the section is wrong.
    """
    try:
        path = find(config_path, env, cwd)
    except ConfigurationError:
        if config_path is not None or env.get(VARIABLE):
            raise
        document = parse("")  # somebody on the engine's machine, in any folder
    else:
        document = _read_what_can_be(path)
    ours = {name: value for name, value in env.items() if name.startswith(SECTION_PREFIX)}
    laid = overlay(document.root, ours, {"api": ApiSettings})
    settings, problems = validate(ApiSettings, laid.root, ("api",), document.directory)
    if settings is None:
        raise ConfigurationError([*laid.problems, *problems.values()])
    return settings


def _read_what_can_be(path: Path) -> Document:
    """Read a file; if it is no YAML, the section alone."""
    try:
        return read(path)
    except ConfigurationError:
        try:
            with path.open("rb") as file:
                text = file.read(MAX_BYTES).decode(errors="replace")
        except OSError:
            text = ""
        section = SECTION.search(text)
        if section is None:
            raise
        return parse(section[0], str(path), path=path.absolute())


def read_token_file(path: Path) -> SecretStr:
    """Read the token that a file holds.

    Raises:
        ConfigurationError: it can't be read, or holds none.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_TOKEN).decode("utf-8").strip()
        return check_token(SecretStr(text))
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "holds no token"
        raise _problem(f"{path}: {reason}", "the token's file") from None


def _read_named(named: str, source: str, token_file: Path | None, env: Mapping[str, str]) -> Place:
    """Read a socket's path or a URL."""
    if HOST_AND_PORT.fullmatch(named):
        message = f"must be a unix socket's path or a URL, not {named}"
        raise _problem(message, source, f"write http://{named}")
    if "://" not in named:
        return Place(socket=Path(named.removeprefix("unix:")))
    url = urlsplit(named)
    try:
        sound = url.scheme in {"http", "https"} and url.hostname and url.port != 0
    except ValueError:  # no number
        sound = False
    if not sound or url.path.rstrip("/") or url.query or url.username:
        message = f"must be a unix socket's path or a URL such as http://192.0.2.1:12346: {named}"
        raise _problem(message, source)
    token = env.get(TOKEN_VARIABLE)
    if token_file is not None:
        return Place(url=f"{url.scheme}://{url.netloc}", token=read_token_file(token_file))
    return Place(url=f"{url.scheme}://{url.netloc}", token=SecretStr(token) if token else None)


def _reachable(address: str) -> str:
    """Return a host for a URL, of an address that is listened on."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.is_unspecified:
        return "127.0.0.1" if found.version == 4 else "[::1]"  # noqa: PLR2004 - IPv4
    return str(found) if found.version == 4 else f"[{found}]"  # noqa: PLR2004 - IPv4


def _problem(message: str, source: str, hint: str = "") -> ConfigurationError:
    return ConfigurationError([Problem(message, source=source, hint=hint)])
