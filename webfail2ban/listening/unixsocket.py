"""A unix socket to listen on: its folder looked at, a dead one replaced, its mode set at birth."""

import contextlib
import errno
import grp
import os
import pwd
import stat
from collections.abc import Callable
from pathlib import Path

from gevent import socket

#: Seconds for whoever listens on a unix socket to take a connection: one that hangs is alive, too.
PROBE = 0.2

#: All unix sockets: seven numbers, and the path where one is bound.
BOUND = Path("/proc/net/unix")

#: A folder that we make: its group may look into it.
FOLDER_MODE = 0o750

ROOT = 0


def bind_unix(path: Path, mode: int) -> socket.socket:
    """Make a unix socket, in place of one that a dead process left behind; nobody can connect yet.

    Args:
        path: Where.
        mode: The socket's mode from its first moment on.

    Raises:
        OSError: somebody listens there already, something else is there, or it can't be made.
    """
    if is_stale(path):
        path.unlink()
    elif path.exists() and not path.is_socket():
        raise FileExistsError(errno.EEXIST, "there is something else of that name")
    with contextlib.ExitStack() as opened:
        bound = opened.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        before = os.umask(0o777 & ~mode)
        try:
            bound.bind(str(path))
        finally:
            os.umask(before)
        opened.pop_all()
    return bound


def is_stale(path: Path) -> bool:
    """Whether there is a socket at the path that nobody listens on, or is about to."""
    if not path.is_socket():
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return not _is_bound(path)
        except OSError:
            return False
    return False


def _is_bound(path: Path) -> bool:
    """Whether a socket at the path is a living process's, who may not listen yet.

    Only Linux can tell (proc(5), /proc/net/unix), of processes in the same network namespace.
    """
    try:
        listed = BOUND.read_bytes().splitlines()
    except OSError:
        return False
    return os.fsencode(path.absolute()) in {line.split(maxsplit=7)[-1] for line in listed}


def prepare_folder(folder: Path) -> bool:
    """Make the folder of a socket if it is missing, and refuse one that anybody may change.

    In such a folder somebody else could put a socket of his own in the place of ours.

    Returns:
        Whether it was made.

    Raises:
        OSError: it can't be made, or can't be trusted; it says why.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = not folder.exists()
    folder.mkdir(FOLDER_MODE, exist_ok=True)
    found = folder.stat()
    if found.st_uid not in {ROOT, os.geteuid()}:
        raise PermissionError(
            errno.EPERM, f"its folder belongs to {user_name(found.st_uid)}, not to us or root"
        )
    if found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
        raise PermissionError(
            errno.EPERM, f"anybody may write to its folder (mode {stat.S_IMODE(found.st_mode):04o})"
        )
    return made


def give(path: Path, owner: str | None, group: str | None) -> None:
    """Give a file to a user and a group, by name or number; None leaves it as it is.

    Raises:
        OSError: there is no such user or group, or we may not.
    """
    uid = -1 if owner is None else _number(owner, lambda name: pwd.getpwnam(name).pw_uid, "user")
    gid = -1 if group is None else _number(group, lambda name: grp.getgrnam(name).gr_gid, "group")
    if (uid, gid) != (-1, -1):
        os.chown(path, uid, gid)


def user_name(uid: int) -> str:
    """Return a user's name, for people; the number if there is none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _number(name: str, look_up: Callable[[str], int], kind: str) -> int:
    if name.isascii() and name.isdecimal():
        return int(name)
    try:
        return look_up(name)
    except (KeyError, ValueError):  # a zero byte is a ValueError
        raise OSError(errno.EINVAL, f"there is no {kind} {name}") from None
