import resource

import pytest

from webfail2ban.listening.limits import OTHERS, allow_connections

Limits = tuple[int, int]


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> list[Limits]:
    """The limits, the present ones last; the real ones are left alone."""
    history = [(1024, 4096)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: history[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, pair: history.append(pair))
    return history


def test_enough_is_enough(system: list[Limits]) -> None:
    """Nothing is changed where nothing has to be."""
    allow_connections(1024 - OTHERS)
    assert system == [(1024, 4096)]


def test_the_limit_is_raised_as_far_as_needed(
    system: list[Limits], caplog: pytest.LogCaptureFixture
) -> None:
    """That needs no privilege up to the hard limit."""
    allow_connections(2000)
    assert system[-1] == (2000 + OTHERS, 4096)
    assert not caplog.messages


def test_what_is_not_allowed_is_told(
    system: list[Limits], caplog: pytest.LogCaptureFixture
) -> None:
    """With what would help."""
    allow_connections(10_000)
    assert system[-1] == (4096, 4096)
    (message,) = caplog.messages
    assert message.startswith(
        f"max_clients: 10000 connections need {10_000 + OTHERS} open files, "
        "but no more than 4096 are allowed"
    )


@pytest.mark.parametrize("soft", [1024, resource.RLIM_INFINITY])
def test_a_machine_without_limits_has_none(system: list[Limits], soft: int) -> None:
    """The highest number stands for it."""
    system[:] = [(soft, resource.RLIM_INFINITY)]
    allow_connections(1_000_000)
    assert system[-1][0] in {1_000_000 + OTHERS, resource.RLIM_INFINITY}
