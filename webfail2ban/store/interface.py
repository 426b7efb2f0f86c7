"""What a store must do: make bans, positions and plugins' values last."""

from collections.abc import Sequence
from typing import Any, Protocol

from webfail2ban.addresses import Network
from webfail2ban.model import Ban
from webfail2ban.store.changes import Changes

#: Stored bans, by columns: the networks' addresses as numbers, their prefix lengths, the IP
#: versions, the jails, since, until, how many bans there were before, the reasons.
BanColumns = tuple[
    Sequence[int],
    Sequence[int],
    Sequence[int],
    Sequence[str],
    Sequence[float],
    Sequence[float],
    Sequence[int],
    Sequence[str],
]


class Store(Protocol):
    """Something that lasts.

    All of it may block; it is called from one thread at a time, never from the one that answers
    HAProxy. Each method may raise:

    - `StoreUnavailableError`: not now (the disk is full, somebody else locks it); nothing was
      changed, and it can be tried again.
    - `StoreDamagedError`: what is stored can't be read. `set_aside` makes room for a new beginning.

    Attributes:
        obstacle: Why it can be read and not be written now, in words; nothing if it can. Each write
            tries again.
    """

    obstacle: str

    def open(self) -> None:
        """Open what is there, if only to be read, or begin anew.

        Raises:
            StoreError: it can't be used: somebody else uses it, a newer version wrote it, nobody
                may write there.
        """

    def close(self) -> None:
        """Close it; it may be opened again."""

    def set_aside(self) -> str:
        """Put what is damaged aside, close, and return where it is now. `open` begins anew."""

    def salvage(self, place: str, *, lines: bool) -> int:
        """Take over what can be read of a store that was set aside, and isn't known here yet.

        It may take some seconds, and may be done again.

        Args:
            place: Where that is, as `set_aside` returned it.
            lines: The lines of bans that are here, if they have none; else everything but lines.

        Returns:
            How many rows were taken over.
        """

    def load_bans(self, after: int, ended_after: float) -> tuple[BanColumns, int | None]:
        """Return some bans.

        Args:
            after: Where to go on; 0 at first.
            ended_after: Leave out what ended earlier: seconds since the epoch.

        Returns:
            Bans, those in force and those of before, and where to go on; None if that was all.
        """

    def load_values(
        self, plugin: str, after: int, now: float
    ) -> tuple[Sequence[tuple[str, str]], int | None]:
        """Return some of what a plugin keeps, and where to go on, as `load_bans` does."""

    def load_positions(self) -> dict[str, Any]:
        """Return where the sources stand."""

    def save(self, changes: Changes) -> None:
        """Write changes: all or none, in force when this returns."""

    def find_lines(self, network: Network, jail: str) -> tuple[str, ...]:
        """Return the lines that led to a ban; nothing if there are none, or no ban."""

    def find_history(self, network: Network) -> Sequence[Ban]:
        """Return the last ban of exactly this network in each jail, also those that have ended."""

    def purge(self, after: int, ended_before: float, now: float) -> int | None:
        """Delete some of what is old.

        Args:
            after: Where to go on; 0 at first.
            ended_before: Bans that ended earlier are deleted: seconds since the epoch.
            now: The time, for values that are over.

        Returns:
            Where to go on; None if that was all.
        """
