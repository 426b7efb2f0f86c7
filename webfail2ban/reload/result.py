"""What came of a reload."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class ReloadResult:
    """What came of a reload.

    Attributes:
        ok: Whether the new configuration holds; if not, nothing has changed.
        problems: Why it doesn't, one sentence each, those of the file with its line.
        warnings: What is probably not meant as it is written.
        added: Plugins that are new.
        removed: Plugins that are gone.
        changed: Plugins whose settings are others.
        unchanged: Plugins whose settings are the same. They too were loaded anew, and with them
            the files that their settings name.
        needs_restart: Settings that changed in the file and keep their value until a restart.
        seconds: How long it took.
    """

    ok: bool
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    needs_restart: tuple[str, ...] = ()
    seconds: float = 0.0

    @classmethod
    def failed(cls, *problems: str) -> "ReloadResult":
        """Return the result of a reload that changed nothing."""
        return cls(ok=False, problems=problems)

    def after(self, seconds: float) -> "ReloadResult":
        """Return the same with its duration."""
        return replace(self, seconds=round(seconds, 3))

    def __str__(self) -> str:
        """Say in a line what changed."""
        if not self.ok:
            return "nothing has changed"
        kinds = {"added": self.added, "removed": self.removed, "changed": self.changed}
        parts = [f"{kind}: {', '.join(names)}" for kind, names in kinds.items() if names]
        return "; ".join(parts) or "the same settings as before"
