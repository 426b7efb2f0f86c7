import json
from pathlib import Path

import pytest

from webfail2ban.config import Configuration
from webfail2ban.hosting.loader import load
from webfail2ban.reload.rehearsal import check, rehearse

#: A plugin that prints at its import, and breaks or hangs if it is told to.
LOUD = """
import os
from webfail2ban import SettingsProblem, Settings, hookimpl

print("hello from far away")

class LoudSettings(Settings):
    act: str = ""

class Loud:
    Settings = LoudSettings

    @hookimpl
    def check_settings(self, settings):
        if settings.act == "exit":
            os._exit(3)
        if settings.act == "die":
            os.kill(os.getpid(), 9)
        while settings.act == "hang":
            pass
        yield SettingsProblem(("act",), "is doubtful", warning=True)
"""


def write(directory: Path, **sections: object) -> Path:
    plugins = directory / "plugins"
    plugins.mkdir()
    (plugins / "loud.py").write_text(LOUD)
    path = directory / "config.yaml"
    settings = {"plugins": ["loud"], "plugin_dirs": [str(plugins)], **sections}
    path.write_text(json.dumps(settings, indent=1))
    return path


def test_a_good_configuration_comes_back_whole(tmp_path: Path) -> None:
    """With its warnings, whatever plugins print; the engine's own sections among it."""
    path = write(tmp_path, loud={"act": "well"}, api={"socket": None}, spoa={"port": 7})
    rehearsal = rehearse(path)
    assert rehearsal.problems == ()
    assert rehearsal.warnings == (f"{path}:9:10: loud.act: is doubtful",)
    assert rehearsal.settings is not None
    plugins = load(rehearsal.settings["plugins"], [tmp_path / "plugins"])
    restored = Configuration.restore(rehearsal.settings["configuration"], plugins.models)
    assert restored.path == path
    assert restored.engine.spoa.port == 7
    assert restored.engine.api.socket is None
    assert restored.plugins["loud"].model_dump() == {"act": "well"}


def test_every_problem_comes_back(tmp_path: Path) -> None:
    """With its place."""
    path = write(tmp_path, loud={"act": "well", "atc": 1}, grace="soon")
    told = rehearse(path)
    assert told.settings is None
    assert [problem.split(": ")[:2] for problem in told.problems] == [
        [f"{path}:10:3", "loud.atc"],
        [f"{path}:12:11", "grace"],
    ]
    assert check(path)["problems"] == list(told.problems)


@pytest.mark.parametrize(("act", "end"), [("exit", "exit status 3"), ("die", "killed by signal 9")])
def test_a_check_that_dies_is_told(tmp_path: Path, act: str, end: str) -> None:
    """A plugin may do anything, and so may a kernel that is short of memory."""
    path = write(tmp_path, loud={"act": act})
    assert rehearse(path).problems == (f"the check ended: {end}",)


def test_a_check_that_hangs_is_ended(tmp_path: Path) -> None:
    """The program goes on as it was."""
    path = write(tmp_path, loud={"act": "hang"})
    assert rehearse(path, limit=2.5).problems == ("the check took longer than 2.5 s",)
