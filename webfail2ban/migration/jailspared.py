"""Whom fail2ban's jails spare: a jail keeps its addresses, the whitelist takes all names.

A jail of ours looks no name up while it counts; the plugin whitelist does so beside it. What it
lets in, no jail and no other plugin refuses.
"""

from collections.abc import Iterator, Sequence

from webfail2ban.addresses import parse_network, show_network
from webfail2ban.filters.ini import DEFAULT
from webfail2ban.hostnames import parse_host_name
from webfail2ban.migration.draft import Draft, Section
from webfail2ban.migration.jailfiles import JailFiles
from webfail2ban.migration.wording import name_some
from webfail2ban.model import Json

#: The option.
SPARED = "ignoreip"

#: The name that is an address wherever it is asked for, and that the whitelist doesn't take.
LOCALHOST = "localhost"
LOOPBACK = ("127.0.0.1", "::1")

#: What a file's name begins with that stands among the addresses.
FILE = "file:"


def set_spared(files: JailFiles, jail: str, section: Section) -> None:
    """Set the addresses that a jail spares, unless they are those of DEFAULT.

    Args:
        files: fail2ban's.
        jail: The jail, or ``DEFAULT``.
        section: The jail here.
    """
    text = files.get(jail, SPARED) or ""
    common = "" if jail == DEFAULT else files.get(DEFAULT, SPARED) or ""
    if text == common:
        return
    for word in _words(text):
        if word.startswith(FILE):
            section.leave_out(f"{SPARED} = {word}", "name the file in whitelist.files")
        elif not _read_networks(word) and _read_name(word) is None:
            section.leave_out(f"{SPARED} = {word}", "is no address, no network and no host name")
    networks = _networks(text)
    if networks != _networks(common):
        section.set(SPARED, [*networks])


def whitelist_names(files: JailFiles, jails: Sequence[str], draft: Draft) -> None:
    """Name the hosts that jails spare in the whitelist, which is for all of them.

    Args:
        files: fail2ban's.
        jails: The jails that are taken over.
        draft: The configuration.
    """
    sparing: dict[str, list[str]] = {}
    for jail in jails:
        for name in dict.fromkeys(_names(files.get(jail, SPARED) or "")):
            sparing.setdefault(name, []).append(jail)
    if not sparing:
        return
    whitelist = draft.section("whitelist")
    for name, where in sparing.items():
        if len(where) < len(jails):
            whitelist.warn(
                f"{name} was spared by {name_some(where)} alone; here it passes everywhere"
            )
    names: list[Json] = [*sparing]
    whitelist.set(
        "hosts",
        names,
        f"The host names of {SPARED}. They pass whatever any jail or plugin says, so that whoever "
        "owns a name lets in whom he likes: keep those that you trust so far.",
        "One that stands for a private address (192.168.0.0/16, ...) needs hosts_private: true.",
    )


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _networks(text: str) -> dict[str, None]:
    """Return the addresses and networks among what a jail spares, each once."""
    return dict.fromkeys(network for word in _words(text) for network in _read_networks(word))


def _names(text: str) -> Iterator[str]:
    """Yield the host names among what a jail spares."""
    for word in _words(text):
        name = _read_name(word)
        if name is not None and name != LOCALHOST:
            yield name


def _read_networks(word: str) -> tuple[str, ...]:
    """Return what a word stands for; nothing if it is no address and no network."""
    if word == LOCALHOST:
        return LOOPBACK
    try:
        return (show_network(parse_network(word)),)
    except ValueError:
        return ()


def _read_name(word: str) -> str | None:
    try:
        return parse_host_name(word)
    except ValueError:
        return None
