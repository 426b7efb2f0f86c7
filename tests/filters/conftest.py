"""Debian's fail2ban package, unpacked: its filters and sample logs are read where they lie."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.filters.moment import NOW
from webfail2ban.filters import Filter, FilterDefinition, UseDns

#: As POSIX writes it, so that no database of zones is needed.
ZURICH = "CET-1CEST,M3.5.0,M10.5.0/3"


@pytest.fixture(scope="session")
def fail2ban_tests(fail2ban_tree: Path) -> Path:
    """The folder with the package's own tests."""
    return next(fail2ban_tree.glob("usr/lib/python3*/dist-packages/fail2ban/tests"))


@pytest.fixture(scope="session")
def sample_logs(fail2ban_tests: Path) -> Path:
    """The folder with a sample log for each filter."""
    return fail2ban_tests / "files" / "logs"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a file below the test's folder; its text's common indentation is taken off."""

    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
        return path

    return write_file


@pytest.fixture
def zurich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process's local zone is Zurich's, where fail2ban's samples were logged."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", ZURICH)
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def make() -> Callable[..., Filter]:
    """Compiles a filter: failregexes, then `Filter`'s settings, the definition's in `options`."""

    def make_filter(
        *failregex: str,
        usedns: UseDns | None = None,
        resolve: Callable[[str], list[str]] = lambda _: [],
        now: Callable[[], float] = lambda: NOW,
        live: bool = True,
        **options: Any,
    ) -> Filter:
        definition = FilterDefinition("demo", failregex=failregex, **options)
        return Filter(definition, now=now, timezone=UTC, usedns=usedns, resolve=resolve, live=live)

    return make_filter
