"""What differs between two configurations, and what of it a running program can change."""

from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel

from webfail2ban.config import Configuration, HttpSettings
from webfail2ban.reload.result import ReloadResult

M = TypeVar("M", bound=BaseModel)

#: The engine's settings that a reload changes, with all that is below them. Others are what the
#: program holds on to: where it listens, whose it is, where its state is.
LIVE = {
    "plugins",
    "plugin_dirs",
    "grace",
    "verdict",
    "filter",
    "log",
    "trusted_proxies",
    "spoa.max_clients",
    "spoa.read_timeout",
    *(f"http.{name}" for name in HttpSettings.model_fields if name not in {"address", "port"}),
}


def find_fixed(old: BaseModel, new: BaseModel, above: str = "") -> Iterator[str]:
    """Yield the settings that differ and that only a restart can change: ``spoa.port``."""
    for field in type(old).model_fields:
        name = f"{above}{field}"
        before, after = getattr(old, field), getattr(new, field)
        if name in LIVE or before == after:
            continue
        if isinstance(before, BaseModel) and type(before) is type(after):
            yield from find_fixed(before, after, f"{name}.")
        else:
            yield name


def keep_fixed(old: M, new: M, above: str = "") -> M:
    """Return the new settings, with the old values of what only a restart can change."""
    kept = {}
    for field in type(old).model_fields:
        name = f"{above}{field}"
        before, after = getattr(old, field), getattr(new, field)
        if name in LIVE or before == after:
            continue
        nested = isinstance(before, BaseModel) and type(before) is type(after)
        kept[field] = keep_fixed(before, after, f"{name}.") if nested else before
    return new.model_copy(update=kept)


def compare(old: Configuration, new: Configuration) -> ReloadResult:
    """Return what the step from one configuration to another means."""
    before, after = old.engine.plugins, new.engine.plugins
    common = [name for name in after if name in before]
    changed = [
        name for name in common if not _is_same(old.plugins.get(name), new.plugins.get(name))
    ]
    return ReloadResult(
        ok=True,
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        changed=tuple(changed),
        unchanged=tuple(name for name in common if name not in changed),
        needs_restart=tuple(find_fixed(old.engine, new.engine)),
    )


def _is_same(old: BaseModel | None, new: BaseModel | None) -> bool:
    """Whether two sections hold the same; a drop-in plugin's model is another one each time."""
    if old is None or new is None:
        return old is new
    return old.model_dump() == new.model_dump()
