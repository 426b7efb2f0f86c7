from pathlib import Path

import pytest

from webfail2ban.errors import PluginError
from webfail2ban.hosting.loader import Plugins, load
from webfail2ban.model import Opinion, Query

HEAD = "from webfail2ban import Opinion, Settings, hookimpl\n"


def write(directory: Path, **plugins: str) -> None:
    for name, text in plugins.items():
        (directory / f"{name}.py").write_text(HEAD + text)


def hook(words: str) -> str:
    return f"@hookimpl\ndef opinion(query):\n    return {words}\n"


def ask(plugins: Plugins) -> list[object]:
    query = Query("check-ip", (), None)
    return [asker(query=query) for _, asker in plugins.implementers("opinion")]


def test_plugins_are_asked_in_the_order_of_the_configuration(tmp_path: Path) -> None:
    """Not in that of the directory."""
    write(tmp_path, a=hook("Opinion.allow('a')"), b=hook("None"), c=hook("Opinion.ban('c')"))
    plugins = load(["c", "b", "a"], [tmp_path])
    assert ask(plugins) == [Opinion.ban("c"), None, Opinion.allow("a")]


def test_only_what_is_named_is_imported(tmp_path: Path) -> None:
    """A broken plugin that nobody uses hurts nobody."""
    write(tmp_path, used=hook("None"), unused="raise RuntimeError")
    assert [plugin.name for plugin in load(["used"], [tmp_path])] == ["used"]


def test_a_plugin_knows_its_hooks_its_origin_and_its_settings(tmp_path: Path) -> None:
    """All that an operator may want to see of it."""
    write(tmp_path, hello="class S(Settings): pass\nSettings = S\n" + hook("None"))
    (plugin,) = load(["hello"], [tmp_path])
    assert plugin.hooks == ("opinion",)
    assert plugin.origin == str(tmp_path / "hello.py")
    assert plugin.settings_model is not None


def test_a_hook_may_take_fewer_arguments(tmp_path: Path) -> None:
    """As everywhere in pluggy."""
    write(tmp_path, hello="@hookimpl\ndef opinion():\n    return None\n")
    assert ask(load(["hello"], [tmp_path])) == [None]


def test_every_problem_of_every_plugin_is_told_at_once(tmp_path: Path) -> None:
    """One start shows them all."""
    write(
        tmp_path,
        misspelt="@hookimpl\ndef opinon(query): return None\n",
        greedy="@hookimpl\ndef opinion(query, more): return None\n",
        broken="raise RuntimeError('no')\n",
        plain="x = 1\n",
        settled="Settings = 5\n" + hook("None"),
        costly="class C:\n    def __init__(self): raise OSError('full')\n"
        "    @hookimpl\n    def opinion(self, query): return None\n",
    )
    names = ["misspelt", "greedy", "broken", "plain", "settled", "costly", "missing"]
    with pytest.raises(PluginError) as error:
        load(names, [tmp_path])
    assert len(error.value.problems) == len(names)
    for name, problem in zip(names, error.value.problems, strict=True):
        assert problem.startswith(f"plugin {name}")
    assert "opinon" in str(error.value)
    assert "there is none of this name; installed: " in str(error.value)


def test_two_plugins_of_one_name_are_refused(tmp_path: Path) -> None:
    """Nobody can tell which was meant."""
    write(tmp_path, whitelist=hook("None"))
    with pytest.raises(PluginError, match=r"several of this name: webfail2ban .* and .*whitelist"):
        load(["whitelist"], [tmp_path])


def test_one_plugin_is_called_without_the_others(tmp_path: Path) -> None:
    """Whoever fails can be named."""
    write(tmp_path, a=hook("1 / 0"), b=hook("Opinion.allow()"))
    first, second = load(["a", "b"], [tmp_path]).implementers("opinion")
    assert [first[0], second[0]] == ["a", "b"]
    assert second[1](query=Query("check-ip", (), None)) == Opinion.allow()
