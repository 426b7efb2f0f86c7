import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from webfail2ban.errors import ConfigurationError, InputFileError, PluginError

Run = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[str]"]
Write = Callable[[str, str | bytes], Path]

NOON = 1_787_400_000

CONFIG = """
plugins: [jails]
jails:
  DEFAULT: {ignoreself: false, findtime: 10m, bantime: 10m}
  app:
    failregex: ['^ app: failed from <HOST>$']
    maxretry: {maxretry}
"""


def config(maxretry: int = 3, more: str = "") -> str:
    return CONFIG.replace("{maxretry}", str(maxretry)) + more


def failed(offset: float, client: str = "192.0.2.7") -> str:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOON + offset))
    return f"{stamp} app: failed from {client}\n"


def bans(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def files(write: Write) -> None:
    """A configuration that bans at the third failure, and a log with one such client."""
    write("config.yaml", config())
    write("app.log", "".join(failed(offset) for offset in (0, 1, 2)) + failed(3, "192.0.2.8"))


@pytest.mark.usefixtures("files")
def test_a_ban_is_shown(run: Run) -> None:
    """When, who, by which jail, for how long, why, and by which lines."""
    result = run("replay", "app.log")

    assert result.exit_code == 0
    head, row, *lines, empty, summary = result.stdout.splitlines()
    assert head.split() == ["banned", "at", "client", "jail", "for", "why"]
    assert row.endswith("  192.0.2.7  app   10m  3 failures in 2s")
    assert [f"{line[4:]}\n" for line in lines] == [failed(0), failed(1), failed(2)]
    assert empty == ""
    assert summary == "1 ban, 1 client, 4 lines"


@pytest.mark.usefixtures("files")
def test_a_ban_is_an_object(run: Run) -> None:
    """With --json."""
    (ban,) = bans(run("replay", "app.log", "--json"))

    assert ban == {
        "network": "192.0.2.7",
        "jail": "app",
        "since": NOON + 2,
        "until": NOON + 602,
        "duration": 600,
        "reason": "3 failures in 2s",
        "lines": [failed(offset)[:-1] for offset in (0, 1, 2)],
    }


@pytest.mark.usefixtures("files")
def test_lines_can_be_left_out(run: Run) -> None:
    """With --no-lines."""
    assert "app: failed" not in run("replay", "app.log", "--no-lines").stdout


@pytest.mark.usefixtures("files")
def test_a_log_without_bans_is_fine(run: Run, write: Write) -> None:
    """It is said how much was looked at."""
    result = run("replay", write("quiet.log", failed(0)))

    assert result.exit_code == 0
    assert result.stdout == "0 bans, 0 clients, 1 line\n"


@pytest.mark.usefixtures("files")
def test_time_goes_by_the_lines(run: Run, write: Write) -> None:
    """Failures that lie too far apart are no ban, and a ban ends where its time is over."""
    apart = [failed(offset) for offset in (0, 700, 1400)]
    twice = [failed(offset) for offset in (5000, 5001, 5002, 5003, 5004, 5602, 5603, 5604)]
    write("long.log", "".join([*apart, *twice]))

    found = bans(run("replay", "long.log", "--json"))

    assert [ban["since"] - NOON for ban in found] == [5002, 5604]


@pytest.mark.usefixtures("files")
def test_logs_are_read_in_their_order(run: Run, write: Write) -> None:
    """A jail counts on from one to the next."""
    write("app.log.1.gz", gzip.compress(failed(0).encode()))
    write("app.log.0", failed(1) + failed(2))

    (ban,) = bans(run("replay", "app.log.1.gz", "app.log.0", "--json"))

    assert ban["since"] == NOON + 2


@pytest.mark.usefixtures("files")
def test_a_line_without_a_date_has_the_last_lines(run: Run, write: Write) -> None:
    """It counts like any other."""
    bare = " app: failed from 192.0.2.7\n"
    write("bare.log", failed(0) + bare + bare)

    (ban,) = bans(run("replay", "bare.log", "--json"))

    assert ban["since"] == NOON


@pytest.mark.usefixtures("files")
def test_standard_input_is_read(run: Run) -> None:
    """As a log like any other."""
    log = "".join(failed(offset) for offset in (0, 1, 2)).encode()

    assert len(bans(run("replay", "-", "--json", stdin=log))) == 1


def test_jails_look_at_the_lines_source(run: Run, write: Write, tmp_path: Path) -> None:
    """It is the file as tail would name it, or what --source says."""
    write("config.yaml", config(1, f"    sources: ['tail:{tmp_path}/app.*']\n"))
    write("app.log", failed(0))
    write("other.log", failed(0))

    assert len(bans(run("replay", "app.log", "--json"))) == 1
    assert len(bans(run("replay", "other.log", "--json"))) == 0
    assert len(bans(run("replay", "app.log", "--json", "--source", "syslog"))) == 0


@pytest.mark.usefixtures("files")
def test_equal_configurations_make_no_difference(run: Run, write: Write) -> None:
    """Exit status 0."""
    write("other.yaml", config())

    result = run("replay", "--against", "other.yaml", "app.log")

    assert result.exit_code == 0
    assert result.stdout == "0 differences, 0 clients, 4 lines\n"


@pytest.mark.usefixtures("files")
def test_a_difference_is_marked(run: Run, write: Write) -> None:
    """Exit status 1; + is what only --config bans, - what only the other does."""
    write("strict.yaml", config(1))

    result = run("replay", "--against", "strict.yaml", "app.log", "--no-lines")

    assert result.exit_code == 1
    signs = [(line[0], line.split()[3]) for line in result.stdout.splitlines()[1:4]]
    assert signs == [("-", "192.0.2.7"), ("+", "192.0.2.7"), ("-", "192.0.2.8")]


@pytest.mark.usefixtures("files")
def test_a_difference_is_an_object(run: Run, write: Write) -> None:
    """With its sign."""
    write("strict.yaml", config(1))

    result = run(
        "replay", "--config", "strict.yaml", "--against", "config.yaml", "app.log", "--json"
    )

    assert [(ban["change"], ban["network"]) for ban in bans(result)] == [
        ("+", "192.0.2.7"),
        ("-", "192.0.2.7"),
        ("+", "192.0.2.8"),
    ]


@pytest.mark.usefixtures("files")
def test_standard_input_cannot_be_read_twice(run: Run) -> None:
    """Which is said before anything is done."""
    result = run("replay", "--against", "config.yaml", "-")

    assert result.exit_code == 2
    assert "standard input can't be read twice" in result.stderr


@pytest.mark.usefixtures("files")
def test_a_clean_client_must_not_be_banned(run: Run, write: Write) -> None:
    """Exit status 1, and it is named."""
    write("clean.txt", "# ours\n192.0.2.0/29\n")

    result = run("replay", "--expect-clean", "clean.txt", "app.log")

    assert result.exit_code == 1
    assert result.stderr.startswith(
        "error: 192.0.2.0/29 (clean.txt:2) would be banned: 192.0.2.7 by app at "
    )
    assert "192.0.2.7" in result.stdout


@pytest.mark.usefixtures("files")
def test_clean_clients_who_are_not_banned_are_fine(run: Run, write: Write) -> None:
    """Exit status 0."""
    write("clean.txt", "192.0.2.8\n2001:db8::/32\n")

    result = run("replay", "--expect-clean", "clean.txt", "app.log")

    assert result.exit_code == 0
    assert result.stderr == ""


def test_no_source_is_started(run: Run, write: Write) -> None:
    """Nor anything else that finds and counts nothing."""
    write(
        "plugins/loud.py",
        "from webfail2ban import hookimpl\n\n"
        "@hookimpl\ndef configure():\n    raise RuntimeError('configured')\n\n"
        "@hookimpl\ndef start_engine():\n    raise RuntimeError('started')\n\n"
        "@hookimpl\ndef start_sensor():\n    raise RuntimeError('started')\n",
    )
    more = config(1).replace("[jails]", "[jails, loud]") + "\nplugin_dirs: [plugins]\n"
    write("config.yaml", more)

    result = run("replay", write("app.log", failed(0)), "--json")

    assert result.exit_code == 0
    assert len(bans(result)) == 1


def test_work_beside_the_lines_is_left_undone(run: Run, write: Write, tmp_path: Path) -> None:
    """A plugin that finds failures may also bring lines; here it doesn't."""
    write(
        "plugins/busy.py",
        "import pathlib\nfrom webfail2ban import hookimpl\n\n"
        f"def work():\n    pathlib.Path({str(tmp_path / 'done')!r}).touch()\n\n"
        "@hookimpl\ndef start_sensor(sensor):\n"
        "    assert sensor.position('busy') is None\n"
        "    sensor.keep_position('busy', 1)\n    sensor.emit([])\n"
        "    sensor.spawn(work)\n    sensor.every(1, work)\n\n"
        "@hookimpl\ndef detect(lines):\n    return None\n",
    )
    write("config.yaml", "plugins: [busy]\nplugin_dirs: [plugins]\n")

    assert run("replay", write("app.log", failed(0))).exit_code == 0
    assert not (tmp_path / "done").exists()


def test_a_plugin_that_fails_makes_the_result_doubtful(run: Run, write: Write) -> None:
    """The others go on; exit status 1."""
    write(
        "plugins/broken.py",
        "from webfail2ban import hookimpl\n\n"
        "@hookimpl\ndef detect(lines):\n    raise RuntimeError('broken')\n",
    )
    write(
        "config.yaml",
        config(1).replace("[jails]", "[broken, jails]") + "\nplugin_dirs: [plugins]\n",
    )

    result = run("replay", write("app.log", failed(0)), "--json")

    assert result.exit_code == 1
    assert len(bans(result)) == 1
    assert "plugin broken failed in detect 1 times: bans may be missing" in result.stderr


def test_without_jails_there_is_nothing_to_replay(run: Run, write: Write) -> None:
    """Which is an error of the configuration."""
    write("config.yaml", "plugins: [whitelist]\n")

    error = run("replay", write("app.log", failed(0))).exception

    assert isinstance(error, PluginError)
    assert "none of its plugins finds or counts failures" in str(error)


def test_a_jail_whose_filter_is_missing_is_an_error(run: Run, write: Write) -> None:
    """With its place in the file."""
    write("config.yaml", "plugins: [jails]\njails:\n  app:\n    filter: no-such-filter\n")

    error = run("replay", write("app.log", failed(0))).exception

    assert isinstance(error, ConfigurationError)
    assert "config.yaml:4" in str(error)


@pytest.mark.usefixtures("files")
def test_what_plugins_find_odd_is_a_warning(run: Run, write: Write) -> None:
    """On standard error, as check-config prints it: the bans may come from it."""
    write("odd.yaml", config().replace("^ app: ", ""))
    result = run("replay", "--json", "--config", "odd.yaml", "app.log")

    assert result.exit_code == 0
    [warning] = result.stderr.splitlines()
    assert warning.startswith("warning: odd.yaml:6:")
    assert "jails.app.failregex: app: failregex 1: does not begin with ^" in warning
    assert len(bans(result)) == 1


@pytest.mark.usefixtures("files")
def test_a_log_that_is_not_there_is_an_error(run: Run) -> None:
    """Before anything is loaded."""
    assert isinstance(run("replay", "no.log").exception, InputFileError)


@pytest.mark.usefixtures("files")
def test_it_runs_as_a_process(process: Process) -> None:
    """With nothing on standard error."""
    ended = process("replay", "app.log", "--json")

    assert ended.returncode == 0
    assert [json.loads(line)["network"] for line in ended.stdout.splitlines()] == ["192.0.2.7"]
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("no.log",), "error: no.log: there is no such file"),
        (("app.log", "--config", "no.yaml"), "no.yaml"),
        (("app.log", "--expect-clean", "no.txt"), "error: no.txt: No such file"),
        (("app.log", "--against", "no.yaml"), "no.yaml"),
    ],
)
@pytest.mark.usefixtures("files")
def test_errors_are_sentences(process: Process, args: tuple[str, ...], said: str) -> None:
    """Exit status 2, no traceback."""
    ended = process("replay", *args)

    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.usefixtures("files")
def test_no_socket_is_opened(tmp_path: Path) -> None:
    """Python would tell of each, whoever opens it."""
    code = (
        "import sys\n"
        "def hook(event, args):\n"
        "    if event in {'socket.bind', 'socket.connect'}: print('socket:', event, args)\n"
        "sys.addaudithook(hook)\n"
        "import webfail2ban.cli\n"
        "sys.argv = ['webfail2ban', 'replay', 'app.log', '--json', '-c', 'all.yaml']\n"
        "webfail2ban.cli.main()\n"
    )
    everything = config().replace("[jails]", "[whitelist, jails, syslog, tail]")
    (tmp_path / "all.yaml").write_text(everything + "\ntail: {files: ['*.log']}\n")

    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr
    assert "192.0.2.7" in ended.stdout
    assert "socket:" not in ended.stdout
