import gzip
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from webfail2ban.errors import FilterError, InputFileError

Run = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[str]"]
Write = Callable[[str, str | bytes], Path]

REGEX = "^ app: failed for <F-USER>.*</F-USER> from <HOST>$"
MATCHED = "2026-08-22T10:00:00Z app: failed for eve from 192.0.2.7"
MISSED = "2026-08-22T10:00:01Z app: welcome"
LOG = f"{MATCHED}\n{MISSED}\n"

#: A filter whose second line is a helper and whose third needs the second.
CONNECTION = """
[Definition]
prefregex = ^ <F-MLFID>app\\[\\d+\\]</F-MLFID>: <F-CONTENT>.+</F-CONTENT>$
failregex = ^failed$
            ^<F-NOFAIL>connect</F-NOFAIL> from <ADDR>$
ignoreregex = ^failed for now$
"""


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_log_is_summed_up(run: Run, write: Write) -> None:
    """Exit status 0: something matched."""
    write("app.log", LOG)

    result = run("test-filter", REGEX, "app.log")

    assert result.exit_code == 0
    assert result.stdout.startswith("2 lines: 1 matched, 1 missed\n\nFailregexes\n")
    assert f"1:  {REGEX}\n" in result.stdout
    assert "2026-08-22T10:00:00Z" in result.stdout
    assert "Slowest lines" in result.stdout
    assert result.stderr == ""


def test_no_match_is_the_answer_no(run: Run, write: Write) -> None:
    """Exit status 1."""
    write("app.log", f"{MISSED}\n")

    assert run("test-filter", REGEX, "app.log").exit_code == 1


def test_a_quoted_line_is_shown_with_what_it_told(run: Run) -> None:
    """Nobody has to ask for it."""
    result = run("test-filter", "--tz", "UTC", REGEX, MATCHED, MISSED)

    assert result.stdout.startswith(
        f"matched  line 1: {MATCHED}\n"
        "         192.0.2.7  2026-08-22 10:00:00+0000  failregex 1  user=eve\n"
        f"missed   line 2: {MISSED}\n"
        "\n2 lines: "
    )


def test_lines_are_printed_where_it_is_said(run: Run, write: Write) -> None:
    """As many as are asked for, of each kind."""
    write("app.log", LOG + LOG + LOG)

    result = run("test-filter", REGEX, "app.log", "--print-missed", "--print-matched", "1")

    shown = re.findall("^(matched|missed) +line (\\d):", result.stdout, re.MULTILINE)
    assert shown == [("matched", "1"), ("missed", "2"), ("missed", "4"), ("missed", "6")]


def test_an_option_before_the_filter_takes_no_word_for_a_number(run: Run, write: Write) -> None:
    """--print-missed FILTER LOG is what people write."""
    write("app.log", LOG)

    assert (
        f"missed   line 2: {MISSED}\n"
        in run("test-filter", "--print-missed", REGEX, "app.log").stdout
    )


def test_ignored_lines_are_printed(run: Run, write: Write) -> None:
    """With --print-ignored."""
    write("app.conf", f"[Definition]\nfailregex = {REGEX}\nignoreregex = for eve\n")

    result = run("test-filter", "./app.conf", write("a.log", LOG), "--print-ignored")

    assert result.exit_code == 1
    assert f"ignored  line 1: {MATCHED}\n" in result.stdout
    assert "2 lines: 0 matched, 1 ignored, 1 missed\n" in result.stdout


def test_several_logs_are_one(run: Run, write: Write) -> None:
    """Read in their order, whatever they are packed with."""
    write("app.log.1.gz", gzip.compress(b"2026-08-22 10:00:00 app[1]: connect from 192.0.2.7\n"))
    write("app.log", "2026-08-22 10:00:01 app[1]: failed\n")
    write("app.conf", CONNECTION)

    result = run("test-filter", "app.conf", "app.log.1.gz", "app.log", "--print-matched")

    assert "matched  app.log:1: 2026-08-22 10:00:01 app[1]: failed\n" in result.stdout
    assert "192.0.2.7" in result.stdout


def test_json_has_an_object_for_each_line(run: Run, write: Write) -> None:
    """A helper line is no match, but its fields are in what it helps."""
    write("app.conf", CONNECTION)
    write(
        "app.log",
        "2026-08-22T10:00:00Z app[1]: connect from 192.0.2.7\n"
        "2026-08-22T10:00:01Z app[1]: failed\n"
        "2026-08-22T10:00:02Z app[2]: bye\n",
    )

    assert objects(run("test-filter", "app.conf", "app.log", "--json")) == [
        {"line": 1, "match": False},
        {
            "line": 2,
            "match": True,
            "host": "192.0.2.7",
            "time": 1787392801,
            "regex": 1,
            "fields": {"ip4": "192.0.2.7", "mlfid": "app[1]", "attempts": 2},
        },
        {"line": 3, "match": False},
    ]


def test_json_names_the_log_where_there_are_several(run: Run, write: Write) -> None:
    """Lines are numbered in each."""
    write("a.log", LOG)
    write("b.log", LOG)

    facts = objects(run("test-filter", REGEX, "a.log", "b.log", "--json"))

    assert [(fact["log"], fact["line"]) for fact in facts] == [
        ("a.log", 1),
        ("a.log", 2),
        ("b.log", 1),
        ("b.log", 2),
    ]


def test_json_and_printing_exclude_each_other(run: Run, write: Write) -> None:
    """JSON holds every line already."""
    write("app.log", LOG)

    result = run("test-filter", REGEX, "app.log", "--json", "--print-missed")

    assert result.exit_code == 2
    assert "--json prints every line" in result.stderr


def test_clock_and_zone_fill_in_what_a_date_leaves_out(run: Run) -> None:
    """With --now and --tz."""
    line = "Aug 14 11:59:58 app: failed for eve from 192.0.2.7"

    args = ("--now", "1124013600", "--tz", "+0200", "--json")
    (fact,) = objects(run("test-filter", *args, REGEX, line))

    assert fact["time"] == 1124013598


def test_lines_may_have_no_date(run: Run) -> None:
    """With --dateless they are from now, and what looks like a date is none."""
    regex = "^2026-08-22 app: failed from <HOST>$"

    args = ("--dateless", "--now", "1124013600.5", "--json")
    (fact,) = objects(run("test-filter", *args, regex, "2026-08-22 app: failed from 192.0.2.7"))

    assert fact["time"] == 1124013600.5


def test_names_stay_names(run: Run) -> None:
    """With --no-dns; without it they count for nothing."""
    line = "2026-08-22 10:00:00 app: failed for eve from scanner.example"

    assert run("test-filter", REGEX, line, "--json").exit_code == 1
    (fact,) = objects(run("test-filter", REGEX, line, "--json", "--no-dns"))
    assert fact["host"] == "scanner.example"


def test_overlapping_failregexes_are_found(run: Run) -> None:
    """With --all-regex."""
    regexes = f"{REGEX}\n^never <HOST>\nfrom <HOST>$"

    (fact,) = objects(run("test-filter", regexes, MATCHED, "--json", "--all-regex"))
    assert fact["regexes"] == [1, 3]
    assert fact["regex"] == 1
    shown = run("test-filter", regexes, MATCHED, "--all-regex").stdout
    assert "  1  failregexes 1 and 3, first command line:1\n" in shown


def test_filters_are_looked_for_in_own_directories_first(run: Run, write: Write) -> None:
    """So are the files that they include."""
    write("one/sshd.conf", "[INCLUDES]\nbefore = part.conf\n[Definition]\nfailregex = %(part)s\n")
    write("two/part.conf", f"[DEFAULT]\npart = {REGEX}\n")

    result = run(
        "test-filter", "--filter-dir", "one", "--filter-dir", "two", "sshd", MATCHED, "--json"
    )

    assert objects(result)[0]["match"]


def test_a_shipped_filter_is_found_by_its_name(run: Run) -> None:
    """Without any configuration."""
    line = "Aug 22 10:00:00 host sshd[7]: Invalid user eve from 192.0.2.7 port 4711"

    assert run("test-filter", "sshd", line).exit_code in {0, 1}


def test_a_filter_that_cannot_be_read_is_an_error(run: Run) -> None:
    """The sentence is FilterError's."""
    error = run("test-filter", "no-such-filter", "a line").exception

    assert isinstance(error, FilterError)


def test_a_log_that_is_not_there_is_an_error(run: Run) -> None:
    """Before anything is searched."""
    error = run("test-filter", REGEX, "no.log").exception

    assert isinstance(error, InputFileError)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("no-such-filter", "a line"), "error: no-such-filter: no such filter in "),
        (("(<HOST>", "a line"), "error: command line: failregex: missing )"),
        ((REGEX, "no.log"), "error: no.log: there is no such file"),
        ((REGEX, "a line", "--tz", "Nowhere"), "'Nowhere' is no time zone"),
        ((REGEX,), "Missing argument 'LOG...'"),
    ],
)
def test_errors_are_sentences(process: Process, args: tuple[str, ...], said: str) -> None:
    """Exit status 2, no traceback."""
    ended = process("test-filter", *args)

    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_standard_input_is_read(process: Process) -> None:
    """As a process of its own."""
    ended = process("test-filter", REGEX, "-", "--json", stdin=LOG)

    assert ended.returncode == 0
    assert [json.loads(line)["match"] for line in ended.stdout.splitlines()] == [True, False]


def test_no_plugin_is_loaded_for_it() -> None:
    """A broken plugin doesn't stop who looks at a filter."""
    code = (
        "import sys, webfail2ban.cli\n"
        "sys.argv = ['webfail2ban', 'test-filter', 'sshd', 'a line']\n"
        "try: webfail2ban.cli.main()\n"
        "except SystemExit: pass\n"
        "print(sorted(name for name in sys.modules if name.startswith('webfail2ban_')))\n"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout.splitlines()[-1] == "[]"


def on_terminal(tmp_path: Path, *args: str) -> str:
    """Run the command on a terminal of its own; return what that shows."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "webfail2ban", "test-filter", *args]
    with subprocess.Popen(command, cwd=tmp_path, stdout=theirs, stderr=theirs) as child:
        os.close(theirs)
        shown = b""
        try:
            while data := os.read(ours, 65536):
                shown += data
        except OSError:  # Linux says so when the other side is closed
            pass
        child.wait()
    os.close(ours)
    return shown.decode()


def test_colours_stand_on_a_terminal_only(tmp_path: Path, run: Run) -> None:
    """They mark the date and the host."""
    shown = on_terminal(tmp_path, REGEX, MATCHED)

    assert "\x1b[36m2026-08-22T10:00:00Z\x1b[0m" in shown
    assert "\x1b[31m\x1b[1m192.0.2.7\x1b[0m" in shown
    assert "\x1b" not in run("test-filter", REGEX, MATCHED).stdout


def test_a_long_log_has_a_progress_bar(tmp_path: Path, write: Write) -> None:
    """On a terminal."""
    write("app.log", (MISSED + "x" * 1000 + "\n") * 6000)

    shown = on_terminal(tmp_path, REGEX, "app.log")

    assert "reading" in shown
    assert "100%" in shown
