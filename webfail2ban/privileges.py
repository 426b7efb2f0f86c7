"""Giving up root: whom the program becomes once it listens where only root may.

Nothing is kept for later: not the groups, not a saved id, not a capability. So whatever is opened
afterwards, by the sensor too, has to be open to that user.
"""

import grp
import logging
import os
import pwd
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from webfail2ban.config import Configuration, EngineSettings
from webfail2ban.config.wording import show_value
from webfail2ban.errors import ConfigurationError
from webfail2ban.model import SettingsProblem

log = logging.getLogger(__name__)

ROOT = 0


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom to become.

    Attributes:
        user: The name, for people.
        uid: The user's number.
        gid: The group's number.
        groups: All groups' numbers, that one among them.
    """

    user: str
    uid: int
    gid: int
    groups: tuple[int, ...]


def find_problems(settings: EngineSettings) -> Iterator[SettingsProblem]:
    """Find users and groups that there aren't."""
    user, group = settings.user, settings.group
    if user is None and group is not None:
        yield SettingsProblem(("group",), "is set, but user isn't")
    if user is not None and not _knows(pwd.getpwnam, user):
        yield SettingsProblem(("user",), f"there is no user {show_value(user)}")
    if group is not None and not _knows(grp.getgrnam, group):
        yield SettingsProblem(("group",), f"there is no group {show_value(group)}")


def choose_identity(configuration: Configuration) -> Identity | None:
    """Decide whom to become; None to stay who we are.

    Args:
        configuration: The settings, in which `find_problems` finds nothing.

    Raises:
        ConfigurationError: they want somebody whom only root can become.
    """
    settings = configuration.engine
    if settings.user is None:
        if os.geteuid() == ROOT:
            log.warning("runs as root; set user to whom it should become instead")
        return None
    identity = _look_up(settings.user, settings.group)
    if os.geteuid() == ROOT:
        return identity
    problems = [
        configuration.problem(problem.path, problem.message) for problem in _differences(identity)
    ]
    if problems:
        raise ConfigurationError(problems)
    return None


def become(identity: Identity) -> None:
    """Become somebody else for good.

    Raises:
        OSError: we may not; it says whom.
    """
    try:
        os.setgroups(identity.groups)
        os.setresgid(identity.gid, identity.gid, identity.gid)
        os.setresuid(identity.uid, identity.uid, identity.uid)
    except OSError as error:
        raise OSError(
            error.errno, f"user: can't become {identity.user}: {error.strerror}"
        ) from error
    log.info(
        "gave up root: runs as %s (user %d, group %d, groups %s)",
        identity.user,
        identity.uid,
        identity.gid,
        ", ".join(map(str, sorted(identity.groups))),
    )


def _knows(look_up: Callable[[str], object], name: str) -> bool:
    try:
        look_up(name)
    except (KeyError, ValueError):  # a zero byte is a ValueError
        return False
    return True


def _look_up(user: str, group: str | None) -> Identity:
    """Look up a user and a group that there are."""
    entry = pwd.getpwnam(user)
    gid = entry.pw_gid if group is None else grp.getgrnam(group).gr_gid
    return Identity(user, entry.pw_uid, gid, tuple(os.getgrouplist(user, gid)))


def _differences(identity: Identity) -> Iterator[SettingsProblem]:
    """Find what only root could change about who we are."""
    if identity.uid != os.geteuid():
        message = f"only root can become {identity.user}, and this is user {os.geteuid()}"
        yield SettingsProblem(("user",), message)
    elif identity.gid not in (os.getegid(), *os.getgroups()):
        message = f"only root can change the group, and this is group {os.getegid()}"
        yield SettingsProblem(("group",), message)
