import pytest
from pydantic import create_model

from webfail2ban.config import Configuration, EngineSettings, Settings
from webfail2ban.reload.differences import compare, find_fixed, keep_fixed
from webfail2ban.reload.result import ReloadResult


def settings(**sections: object) -> EngineSettings:
    return EngineSettings.model_validate(sections)


@pytest.mark.parametrize(
    ("changed", "fixed"),
    [
        ({}, []),
        ({"spoa": {"port": 1}}, ["spoa.port"]),
        ({"spoa": {"port": 1, "max_clients": 9, "address": "::1"}}, ["spoa.address", "spoa.port"]),
        ({"spoa": {"tls": {"certificate": "/a"}}}, ["spoa.tls"]),
        ({"spoa": {"max_clients": 9, "read_timeout": 9}}, []),
        ({"verdict": {"scope": "sess", "remember": 1}, "log": {"level": "debug"}, "grace": 1}, []),
        ({"plugins": ["a"], "plugin_dirs": ["/a"], "filter": {"line_timeout": 3}}, []),
        ({"trusted_proxies": ["192.0.2.1"]}, []),
        ({"user": "somebody", "store": {"path": "/a"}}, ["user", "store.path"]),
    ],
)
def test_what_only_a_restart_changes_is_named_and_kept(
    changed: dict[str, object], fixed: list[str]
) -> None:
    """Everything else is as it is written."""
    old, new = settings(), settings(**changed)
    assert list(find_fixed(old, new)) == fixed
    kept = keep_fixed(old, new)
    assert list(find_fixed(old, kept)) == []
    assert kept.verdict == new.verdict
    assert kept.spoa.max_clients == new.spoa.max_clients
    assert kept.spoa.port == old.spoa.port
    assert kept.store == old.store


def configuration(**plugins: int) -> Configuration:
    # As with a drop-in plugin, the model is another one each time.
    model = create_model("Model", __base__=Settings, number=(int, ...))
    sections = {name: model.model_validate({"number": number}) for name, number in plugins.items()}
    return Configuration(settings(plugins=[*plugins, "plain"]), sections)


def test_plugins_are_compared_by_their_settings() -> None:
    """One without settings never changes."""
    old, new = configuration(a=1, b=2, c=3), configuration(c=4, b=2, d=5)
    assert compare(old, new) == ReloadResult(
        ok=True, added=("d",), removed=("a",), changed=("c",), unchanged=("b", "plain")
    )


def test_a_result_is_told_in_a_line() -> None:
    """For the log."""
    assert str(ReloadResult(ok=True)) == "the same settings as before"
    assert str(ReloadResult.failed("no")) == "nothing has changed"
    told = str(ReloadResult(ok=True, added=("a", "b"), changed=("c",)))
    assert told == "added: a, b; changed: c"
