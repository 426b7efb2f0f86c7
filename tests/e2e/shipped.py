"""The configurations that operators copy, moved to a test's addresses and directory.

What is moved is named word by word and has to be there; the rest stays as it is shipped.
"""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

SHIPPED = Path(__file__).parents[2] / "haproxy"

#: What needs root or a log daemon, and what stands there in a test.
UNPRIVILEGED = {
    "    log /dev/log local0\n": "    log stdout format raw local0\n",
    "    chroot /var/lib/haproxy\n": "",
    "    user haproxy\n": "",
    "    group haproxy\n": "",
}

AGENT = "127.0.0.1:12345"

#: Checks come more often, so that nobody has to wait for them.
CHECKS = {"inter 2s": "inter 100ms"}

#: Where the configuration is installed.
INSTALLED = "/etc/haproxy/"

#: Clients about whom HAProxy doesn't ask.
WHITELIST = "whitelist.lst"


def move(text: str, moves: Mapping[str, str]) -> str:
    """Replace words of a text, each of which must be there.

    Raises:
        LookupError: one isn't.
    """
    for old, new in moves.items():
        if old not in text:
            raise LookupError(f"there is no {old!r} in the shipped configuration")
        text = text.replace(old, new)
    return text


def scenario(
    name: str,
    directory: Path,
    moves: Mapping[str, str],
    unprivileged: Mapping[str, str] = MappingProxyType(UNPRIVILEGED),
) -> str:
    """Return a complete configuration for a directory, and put there the files that it names.

    Args:
        name: The file.
        directory: Takes the files, but for those that are there already, and the whitelist.
        moves: Words that are moved, besides the usual ones.
        unprivileged: What needs root, and what stands there instead.
    """
    text = (SHIPPED / name).read_text("utf-8")
    for named in re.findall(rf"{INSTALLED}(\S+\.(?:conf|lst|html))\b", text):
        if not (directory / named).exists():
            install(directory, named)
    if not (directory / WHITELIST).exists():
        shutil.copy(SHIPPED / WHITELIST, directory)
    places = {INSTALLED: f"{directory}/", "/run/haproxy/": f"{directory}/"}
    return move(text, {**unprivileged, **CHECKS, **places, **moves})


def haproxy_cfg(directory: Path, moves: Mapping[str, str]) -> str:
    """Return haproxy.cfg for a directory, with further words moved."""
    return scenario("haproxy.cfg", directory, moves)


def agents_backend(agent: str) -> str:
    """Return the backend of the agents out of haproxy.cfg, with one agent in it."""
    text = (SHIPPED / "haproxy.cfg").read_text("utf-8")
    section = re.search(
        r"^backend webfail2ban-agents\n.*?(?=^# ---)", text, re.DOTALL | re.MULTILINE
    )
    assert section is not None
    return move(section[0], {**CHECKS, AGENT: agent})


def install_spoe(directory: Path, message: str | None = None) -> None:
    """Put the SPOE configuration and the whitelist beside haproxy.cfg.

    Args:
        directory: Where haproxy.cfg is.
        message: Replaces the section with the message.
    """
    text = (SHIPPED / "webfail2ban.spoe.conf").read_text("utf-8")
    if message is not None:
        text = text[: text.index("spoe-message")] + message
    moved = text.replace(INSTALLED, f"{directory}/")
    (directory / "webfail2ban.spoe.conf").write_text(moved, "utf-8")
    shutil.copy(SHIPPED / WHITELIST, directory)


def text(name: str, directory: Path, moves: Mapping[str, str]) -> str:
    """Return a shipped file for a directory, with words moved."""
    return move((SHIPPED / name).read_text("utf-8"), {INSTALLED: f"{directory}/", **moves})


def install(directory: Path, name: str) -> None:
    """Put a shipped file into a directory."""
    moved = (SHIPPED / name).read_text("utf-8").replace(INSTALLED, f"{directory}/")
    (directory / name).write_text(moved, "utf-8")


def readme_block(language: str, word: str) -> str:
    """Return the block of the README in a language that has a word in it."""
    text = (SHIPPED / "README.md").read_text("utf-8")
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    found: str = next(block for block in blocks if word in block)
    return found
