"""Which file is the configuration."""

from collections.abc import Mapping
from pathlib import Path

from webfail2ban.errors import ConfigurationError, Problem

#: Names the file where no option does.
VARIABLE = "WEBFAIL2BAN_CONFIG"

#: In the working directory, as containers have it.
LOCAL = Path("config.yaml")

SYSTEM = Path("/etc/webfail2ban/config.yaml")


def find(option: Path | None, env: Mapping[str, str], cwd: Path, system: Path = SYSTEM) -> Path:
    """Return the configuration file.

    The first of these that is set or there: the option ``--config``, the variable
    ``WEBFAIL2BAN_CONFIG``, ``config.yaml`` in the working directory, the system's.

    Args:
        option: What ``--config`` says; None if it isn't given.
        env: All environment variables.
        cwd: The working directory.
        system: The system's file.

    Raises:
        ConfigurationError: the file that was named isn't there, or none is.
    """
    if option is not None:
        return _named(cwd / option, "--config")
    if env.get(VARIABLE):
        return _named(cwd / env[VARIABLE], f"environment {VARIABLE}")
    tried = (cwd / LOCAL, system)
    for path in tried:
        if path.exists():
            return path
    looked = " nor ".join(map(str, tried))
    hint = f"create one of them, or name yours with --config or {VARIABLE}"
    raise ConfigurationError(
        [Problem(f"there is no configuration file: neither {looked}", hint=hint)]
    )


def _named(path: Path, source: str) -> Path:
    """Return a file that somebody named, if it is there."""
    if not path.exists():
        raise ConfigurationError([Problem(f"there is no file {path}", source=source)])
    return path
