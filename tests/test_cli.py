"""Every command but run, which is in test_daemon.py, and those that have tests of their own."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.terminal import read_terminal
from webfail2ban import cli

ROOT = Path(__file__).parent.parent

COMMANDS = [name for commands in cli.SECTIONS.values() for name in commands]

#: A plugin with an opinion on some addresses.
SPEAKER = """
from webfail2ban import Opinion, Settings, hookimpl, SettingsProblem

class SpeakerSettings(Settings):
    reason: str = "speaks badly"
    trouble: str = ""

class Speaker:
    Settings = SpeakerSettings

    @hookimpl
    def check_settings(self, settings):
        if settings.trouble == "check":
            yield SettingsProblem(("trouble",), "is not there")
        if settings.trouble == "doubt":
            yield SettingsProblem(("trouble",), "looks odd", warning=True)

    @hookimpl
    def configure(self, settings):
        self.settings = settings
        if settings.trouble == "configure":
            raise RuntimeError("no voice")

    @hookimpl
    def start_engine(self):
        if self.settings.trouble == "start":
            raise RuntimeError("no breath")

    @hookimpl
    def opinion(self, query):
        if str(query.address) in {"192.0.2.66", "2001:db8::66"}:
            return Opinion.ban(self.settings.reason, jail="loud")
        if str(query.address) == "192.0.2.7":
            return Opinion.add_score(30, "mumbles")
"""

CONFIG = """
plugins: [speaker]
plugin_dirs: [plugins]
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    status: object
    out: str
    err: str


#: Runs a command.
Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, in a folder with a configuration and a plugin."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "speaker.py").write_text(SPEAKER)
    (tmp_path / "config.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WEBFAIL2BAN_CONFIG", raising=False)

    def run_command(*args: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["webfail2ban", *args])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Ran(ended.value.code, *capsys.readouterr())

    return run_command


def write(text: str) -> None:
    Path("config.yaml").write_text(CONFIG + text)


def test_the_version_is_told(run: Run) -> None:
    """Of the installed package."""
    ran = run("--version")
    assert ran.status == 0
    assert ran.out.startswith("webfail2ban, version 0.")


@pytest.mark.parametrize("command", sorted(["", *COMMANDS]))
def test_every_command_explains_itself(run: Run, command: str) -> None:
    """With a sentence and its options; in either spelling."""
    ran = run(*command.split(), "--help")
    assert ran.status == 0
    assert f"Usage: webfail2ban {command}".rstrip() in ran.out
    assert run(*command.split(), "-h").out == ran.out
    options = [line for line in ran.out.splitlines() if line.lstrip().startswith("-")]
    assert all(len(option.split()) > 1 for option in options)


@pytest.mark.parametrize("args", [("destroy",), ("check",), ("plugins", "--loud")])
def test_a_wrong_command_is_explained(run: Run, args: tuple[str, ...]) -> None:
    """Exit status 2, and how to get help."""
    ran = run(*args)
    assert ran.status == 2
    assert "--help" in ran.err
    assert "Traceback" not in ran.err


def test_what_the_system_refuses_is_told_with_its_file(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one sentence; exit status 1."""

    def refuse(_dirs: object) -> None:
        raise PermissionError(13, "Permission denied", "/etc/secret")

    monkeypatch.setattr("webfail2ban.commands.plugins.discover", refuse)
    ran = run("plugins")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == "error: /etc/secret: Permission denied\n"


# check-config


def test_a_good_configuration_is_ok(run: Run) -> None:
    """Which file, and which plugins."""
    ran = run("check-config")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == f"{Path('config.yaml').absolute()}: ok; plugins: speaker\n"


def test_a_good_configuration_is_ok_in_json(run: Run) -> None:
    """The same for machines."""
    ran = run("check-config", "--json")
    path = str(Path("config.yaml").absolute())
    assert json.loads(ran.out) == {"ok": True, "path": path, "warnings": []}


def test_every_mistake_is_told_at_once(run: Run) -> None:
    """With its place; exit status 2 and no traceback."""
    write("spoa:\n  port: many\n  adress: x\nspeakr:\n  reason: none\n")
    ran = run("check-config")
    assert (ran.status, ran.out) == (2, "")
    lines = ran.err.splitlines()
    assert all(line.startswith("error: config.yaml:") for line in lines)
    assert len(lines) == 3


def test_every_mistake_is_told_at_once_in_json(run: Run) -> None:
    """On standard output, where a machine reads."""
    write("spoa:\n  port: many\n  adress: x\n")
    ran = run("check-config", "--json")
    assert (ran.status, ran.err) == (2, "")
    found = json.loads(ran.out)
    assert found["ok"] is False
    assert len(found["problems"]) == 2


def test_what_plugins_find_is_told_with_everything_else(run: Run) -> None:
    """One round, in the order of the file, with what would only be a warning."""
    write("speaker: {trouble: check}\nspoa: {port: many}\n")
    ran = run("check-config")
    assert ran.status == 2
    lines = ran.err.splitlines()
    assert lines[0] == "error: config.yaml:4:20: speaker.trouble: is not there"
    assert lines[1].startswith("error: config.yaml:5:14: spoa.port: ")
    write("speaker: {trouble: doubt}\nspoa: {port: many}\n")
    assert run("check-config").err.splitlines()[0].startswith("warning: config.yaml:4:20: ")
    told = json.loads(run("check-config", "--json").out)
    assert (len(told["problems"]), len(told["warnings"])) == (1, 1)


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("check", "config.yaml:4:20: speaker.trouble: is not there"),
        ("configure", "plugin speaker: RuntimeError: no voice"),
    ],
)
def test_what_a_plugin_finds_wrong_is_told(run: Run, trouble: str, said: str) -> None:
    """A start would fail at it, too."""
    write(f"speaker: {{trouble: {trouble}}}\n")
    ran = run("check-config")
    assert ran.status == 2
    assert ran.err == f"error: {said}\n"


def test_what_a_plugin_finds_odd_is_a_warning(run: Run) -> None:
    """A start would only log it."""
    write("speaker: {trouble: doubt}\n")
    said = "config.yaml:4:20: speaker.trouble: looks odd"
    ran = run("check-config")
    assert (ran.status, ran.err) == (0, f"warning: {said}\n")
    assert ": ok; plugins: speaker" in ran.out
    ran = run("check-config", "--json")
    assert json.loads(ran.out)["warnings"] == [said]


def test_a_mistake_cannot_steer_the_terminal(run: Run) -> None:
    """A configuration may come from anywhere."""
    write('"\\e[31mred\\a": 1\n')
    ran = run("check-config")
    assert ran.status == 2
    assert "\x1b" not in ran.err
    assert "\x07" not in ran.err


def test_a_configuration_that_is_named_must_be_there(run: Run) -> None:
    """Nobody wants another one in its place."""
    ran = run("check-config", "--config", "missing.yaml")
    assert ran.status == 2
    assert ran.err == "error: --config: there is no file missing.yaml\n"


def test_a_variable_may_name_the_configuration(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a command line is hard to change."""
    Path("config.yaml").rename("other.yaml")
    monkeypatch.setenv("WEBFAIL2BAN_CONFIG", "other.yaml")
    assert run("check-config").out.endswith("other.yaml: ok; plugins: speaker\n")


def test_without_a_configuration_it_says_where_it_looked(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And how to name one."""
    Path("config.yaml").unlink()
    monkeypatch.setattr(
        "webfail2ban.config.search.find.__defaults__", (Path("etc/webfail2ban.yaml"),)
    )
    ran = run("check-config")
    assert ran.status == 2
    assert "neither config.yaml nor etc/webfail2ban.yaml" in ran.err
    assert "--config or WEBFAIL2BAN_CONFIG" in ran.err


def test_a_plugin_that_is_broken_is_named(run: Run) -> None:
    """With its file and line; silently losing a whitelist is worse than not starting."""
    Path("plugins/speaker.py").write_text("import missing_library\n")
    ran = run("check-config")
    assert ran.status == 2
    assert ran.err.startswith("error: plugin speaker (")
    assert "speaker.py:1): ModuleNotFoundError" in ran.err
    assert "Traceback" not in ran.err


# config-schema


def test_the_schema_is_one_and_knows_the_reference_configuration(run: Run) -> None:
    """Editors complete and check with it."""
    ran = run("config-schema")
    assert (ran.status, ran.err) == (0, "")
    schema = json.loads(ran.out)
    Draft202012Validator.check_schema(schema)
    reference = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    Draft202012Validator(schema).validate(reference)
    assert not Draft202012Validator(schema).is_valid({"spoa": {"port": "many"}})


# plugins


def test_plugins_are_shown(run: Run) -> None:
    """Those that are loaded first, then what could be."""
    ran = run("plugins")
    assert ran.status == 0
    lines = ran.out.splitlines()
    assert lines[0].split() == ["plugin", "state", "from", "hooks"]
    assert lines[1].split()[:2] == ["speaker", "loaded"]
    assert any(line.startswith("whitelist") and "not in plugins" in line for line in lines)


def test_plugins_in_json(run: Run) -> None:
    """The same for machines."""
    first, *others = json.loads(run("plugins", "--json").out)
    assert first["name"] == "speaker"
    assert first["hooks"] == ["check_settings", "configure", "opinion", "start_engine"]
    assert {other["loaded"] for other in others} == {False}


# check


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("192.0.2.66", "192.0.2.66"),
        ("::ffff:192.0.2.66", "192.0.2.66"),
        ("2001:db8::66", "2001:db8::66"),
        ("[2001:db8:0::66]", "2001:db8::66"),
    ],
)
def test_a_banned_client(run: Run, address: str, shown: str) -> None:
    """Exit status 1, however its address is written, and who said it."""
    ran = run("check", "--offline", address)
    assert ran.status == 1
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert lines[0] == f"{shown} is banned, score 100: speaks badly"
    assert lines[-2:] == ["plugin says ends why", "speaker ban never speaks badly"]


def test_a_client_that_passes(run: Run) -> None:
    """Exit status 0."""
    ran = run("check", "--offline", "192.0.2.1")
    assert ran.status == 0
    assert ran.out == "192.0.2.1 passes, score 0\n\nOpinions\nplugin   says\nspeaker  nothing\n"


def test_a_sum_with_weights(run: Run) -> None:
    """As the running engine's: what the plugin says, what it weighs, what comes of it."""
    write("verdict: {weights: {speaker: 3.5}, ban_scores: {speaker: 20}}\n")
    ran = run("check", "--offline", "192.0.2.7")
    assert ran.status == 1
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert lines[-3:] == [
        "plugin says score weight points ends why",
        "speaker score 30 3.5 105 never mumbles",
        "sum 105 100 and more ban",
    ]
    assert run("check", "--offline", "192.0.2.66").out.startswith("192.0.2.66 passes, score 70")


def test_a_verdict_in_json(run: Run) -> None:
    """With every opinion; the status tells it as well."""
    ran = run("check", "--offline", "--json", "192.0.2.7")
    assert ran.status == 0
    (opinion,) = json.loads(ran.out)["opinions"]
    said = [opinion[key] for key in ("plugin", "stance", "score", "weight", "points", "reason")]
    assert said == ["speaker", "score", 30, 1, 30, "mumbles"]
    assert run("check", "--offline", "--json", "192.0.2.66").status == 1


@pytest.mark.parametrize("address", ["192.0.2", "example.com", "192.0.2.0/24", ""])
def test_what_is_no_address_is_told(run: Run, address: str) -> None:
    """Exit status 2."""
    ran = run("check", "--offline", address)
    assert ran.status == 2
    assert f"{address!r} is no IP address" in ran.err


def test_a_plugin_that_cannot_start_is_named(run: Run) -> None:
    """A verdict without it would be another."""
    write("speaker: {trouble: start}\n")
    ran = run("check", "--offline", "192.0.2.1")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "error: plugin speaker: RuntimeError: no breath\n"


# Colours


def shown_on_a_terminal(directory: Path, **env: str) -> str:
    """Run a command whose output is a terminal, and return what arrives there."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "webfail2ban", "check", "--offline", "192.0.2.66"]
    base = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    subprocess.run(
        command, cwd=directory, stdout=theirs, stderr=theirs, env=base | env, check=False
    )
    os.close(theirs)
    return read_terminal(ours)


@pytest.mark.usefixtures("run")
def test_a_terminal_gets_colours(tmp_path: Path) -> None:
    """They help to see what matters."""
    assert "\x1b[31mis banned\x1b[0m" in shown_on_a_terminal(tmp_path)


@pytest.mark.usefixtures("run")
def test_no_color_is_heeded(tmp_path: Path) -> None:
    """As https://no-color.org asks for."""
    shown = shown_on_a_terminal(tmp_path, NO_COLOR="1")
    assert "banned, score 100" in shown
    assert "\x1b" not in shown


def test_nothing_but_a_terminal_gets_colours(run: Run) -> None:
    """Nor do errors."""
    assert "\x1b" not in run("check", "--offline", "192.0.2.66").out
    assert "\x1b" not in run("check-config", "--config", "missing.yaml").err
