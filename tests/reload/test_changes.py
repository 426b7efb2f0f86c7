"""What a reload changes, and what it leaves as it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reload.program import APP, FAILED, Program
from tests.waiting import wait_until

#: A drop-in plugin with an opinion.
HARSH = """
from webfail2ban import Opinion, hookimpl

@hookimpl
def opinion(query):
    return Opinion.ban("{reason}")
"""

BREAKING = """
from webfail2ban import hookimpl

@hookimpl
def {hook}():
    raise RuntimeError("out of order")
"""


def verdict(program: Program, address: str) -> object:
    with program.client() as client:
        return client.check(address).get("reason", "")


def test_limits_filters_lists_and_plugins_change(program: Program, tmp_path: Path) -> None:
    """With one reload, and bans stay."""
    whitelist = tmp_path / "whitelist"
    whitelist.write_text("192.0.2.50\n")
    filters = tmp_path / "filters"
    filters.mkdir()
    (filters / "mine.conf").write_text("[Definition]\nfailregex = ^.*mine: old <HOST>$\n")
    jails = program.settings["jails"]
    jails["app"]["maxretry"] = 1
    jails["mine"] = {"filter": "mine", "maxretry": 1, "lint": False}
    jails["gone"] = {**APP, "failregex": [r"^.*gone: <HOST>$"], "maxretry": 1}
    program.settings["filter"] = {"dirs": [str(filters)]}
    program.start()
    program.fail("192.0.2.1")
    program.says("ban 192.0.2.1 [app]")

    jails["app"]["maxretry"] = 2
    del jails["gone"]
    jails["new"] = {**APP, "failregex": [r"^.*new: <HOST>$"], "maxretry": 1}
    (filters / "mine.conf").write_text("[Definition]\nfailregex = ^.*mine: new <HOST>$\n")
    program.settings["whitelist"] = {"files": [str(whitelist)]}
    (program.plugins / "harsh.py").write_text(HARSH.format(reason="harsh"))
    program.settings["plugins"].append("harsh")
    program.settings["spoa"]["port"] = 1
    said = program.reload()
    assert "spoa.port has changed: that takes a restart" in said
    assert "reload: added: harsh; changed: whitelist, jails; took" in said

    for line in ("mine: old 192.0.2.2", "gone: 192.0.2.3", FAILED.format(1, "192.0.2.4")):
        program.send(line)
    for line in ("mine: new 192.0.2.5", "new: 192.0.2.6"):
        program.send(line)
    program.says("ban 192.0.2.5 [mine]")
    program.says("ban 192.0.2.6 [new]")
    assert program.said.count("ban ") == 3
    program.send(FAILED.format(2, "192.0.2.4"))
    program.says("ban 192.0.2.4 [app]")
    assert verdict(program, "192.0.2.50") != "harsh"
    assert verdict(program, "192.0.2.2") == "harsh"

    (program.plugins / "harsh.py").write_text(HARSH.format(reason="harsher"))
    program.reload()
    assert verdict(program, "192.0.2.2") == "harsher"
    program.settings["plugins"].remove("harsh")
    assert "reload: removed: harsh; took" in program.reload()
    assert verdict(program, "192.0.2.2") == ""
    assert program.is_banned("192.0.2.1")


def no_yaml(program: Program) -> None:
    program.configuration.write_text("jails:\n  app: [\n")


def unknown_key(program: Program) -> None:
    program.settings["jails"]["app"]["maxrety"] = 3
    program.write()


def missing_filter(program: Program) -> None:
    program.settings["jails"]["mine"] = {"filter": "no-such-filter"}
    program.write()


def no_file(program: Program) -> None:
    program.configuration.unlink()


def plugin_that_cannot_load(program: Program) -> None:
    (program.plugins / "broken.py").write_text("import no_such_module\n")
    program.settings["plugins"].append("broken")
    program.write()


def plugin_that_cannot_start(hook: str) -> Callable[[Program], None]:
    def spoil(program: Program) -> None:
        (program.plugins / "broken.py").write_text(BREAKING.format(hook=hook))
        program.settings["plugins"].append("broken")
        program.settings["jails"]["app"]["maxretry"] = 77
        program.write()

    return spoil


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (no_yaml, "config.yaml:3:1: is no YAML"),
        (unknown_key, "config.yaml:46:4: jails.app.maxrety: is no setting"),
        (missing_filter, "jails.mine.filter: "),
        (no_file, "there is no file"),
        (plugin_that_cannot_load, "broken.py:1): ModuleNotFoundError: No module named"),
        (plugin_that_cannot_start("prepare_sensor"), "plugin broken: RuntimeError: out of order"),
        (plugin_that_cannot_start("start_sensor"), "plugin broken: RuntimeError: out of order"),
        (plugin_that_cannot_start("start_engine"), "plugin broken: RuntimeError: out of order"),
    ],
    ids=["no YAML", "key", "filter", "file", "load", "prepare", "start sensor", "start engine"],
)
def test_a_bad_configuration_changes_nothing_and_says_why(
    program: Program, spoil: Callable[[Program], None], why: str
) -> None:
    """What was counted counts on, lines are read on, and the next good one is taken."""
    program.settings["jails"]["app"]["maxretry"] = 2
    program.start()
    program.send(FAILED.format(1, "192.0.2.1"))
    wait_until(program.ledger, "the first failure")
    spoil(program)
    said = program.reload_as_it_is()
    assert any("error   engine: reload: " in line and why in line for line in said.splitlines()), (
        said
    )
    assert "reload: nothing has changed; took" in said
    program.send(FAILED.format(2, "192.0.2.1"))
    program.says("ban 192.0.2.1 [app]")
    assert len(program.ledger()) == 2
    program.settings["plugins"] = ["whitelist", "jails", "syslog", "tail", "ledger"]
    program.settings["jails"] = {"app": {**APP, "maxretry": 1}}
    assert "reload: changed: jails; took" in program.reload()
    program.send(FAILED.format(3, "192.0.2.2"))
    program.says("ban 192.0.2.2 [app]")


def test_a_socket_that_nobody_wants_any_more_is_closed(program: Program, tmp_path: Path) -> None:
    """Its path is gone with it; what is new is opened."""
    old, new = tmp_path / "old.sock", tmp_path / "new.sock"
    program.settings["syslog"]["socket"] = str(old)
    program.start()
    assert old.is_socket()
    program.settings["syslog"]["socket"] = str(new)
    program.reload()
    assert new.is_socket()
    assert not old.exists()
    assert program.stop() == 0
    assert not new.exists()


def test_a_stop_does_not_wait_for_a_reload(program: Program) -> None:
    """And leaves no process behind."""
    program.start()
    program.hang_up()
    program.says("reload: checking")
    wait_until(lambda: len(program.sensors()) == 2, "the check")
    children = program.sensors()
    assert program.stop() == 0
    for pid in children:
        wait_until(lambda pid=pid: not Path(f"/proc/{pid}").exists(), "it ends")  # type: ignore[misc]
