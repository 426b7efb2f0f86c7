import builtins
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import hyperscan
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webfail2ban import Failure, LogLine, Superset, read_filter
from webfail2ban.testing import NOON, Clock
from webfail2ban_jails.detector import Detector
from webfail2ban_jails.hyperscanner import HyperScanner
from webfail2ban_jails.jailfilter import JailFilter
from webfail2ban_jails.linelimit import LineLimit
from webfail2ban_jails.literalscanner import LiteralScanner
from webfail2ban_jails.offenders import Offenders
from webfail2ban_jails.prefilter import Prefilter
from webfail2ban_jails.scanner import Scanner, make_scanner
from webfail2ban_jails.settings import JailsSettings

Make = Callable[[Sequence[Superset]], Scanner]

SCANNERS: Sequence[Make] = (HyperScanner, LiteralScanner)

#: When fail2ban's samples were logged: the summer of 2005.
SAMPLES_AT = 1124013600.0


class NoScanner:
    """Looks for nothing, so every line has to be searched: the plain way."""

    def __init__(self, supersets: Sequence[Superset]) -> None:
        self.refused = frozenset(range(len(supersets)))

    def scan(self, _block: bytes) -> Iterable[tuple[int, int]]:
        return ()


def make_detector(
    jails: dict[str, Any], make: Make, now: Callable[[], float], dirs: Sequence[Path] = ()
) -> Detector:
    enabled = JailsSettings.model_validate(jails).enabled
    filters = [JailFilter(name, settings, dirs, now) for name, settings in enabled.items()]
    return Detector(filters, LineLimit(10), Offenders(now), now, make)


def detect_all(detector: Detector, blocks: Iterable[Sequence[LogLine]]) -> list[Failure]:
    return [failure for block in blocks for failure in detector.detect(block)]


def superset(expression: str, *literals: bytes) -> Superset:
    return Superset(expression, frozenset(literals))


ABC, DEF = superset("abc", b"abc"), superset("d.*f", b"def", b"d-f")


@pytest.mark.parametrize("make", SCANNERS)
def test_what_is_found_belongs_to_its_line(make: Make) -> None:
    """Lines are known by their place, also where characters are several bytes."""
    prefilter = Prefilter([[[ABC]], [[DEF], [ABC, DEF]]], make)
    texts = ["abc", "", "äöü", "xxabcx", "— def abc", "d", "f", "\udc80abc"]
    abc, both = ((0, [0]), (1, [1])), ((0, [0]), (1, [0, 1]))
    assert prefilter.search(texts) == {0: abc, 3: abc, 4: both, 7: abc}
    assert not prefilter.search([])
    assert not prefilter.default


@pytest.mark.parametrize("make", SCANNERS)
def test_what_nothing_is_known_of_is_tried_everywhere(make: Make) -> None:
    """And what else is found comes to it, in its order."""
    prefilter = Prefilter([[[ABC], [], [DEF]]], make)
    assert prefilter.default == ((0, [1]),)
    assert prefilter.search(["abc", "x"]) == {0: ((0, [0, 1]),)}


@pytest.mark.parametrize(
    ("make", "refused"),
    [(HyperScanner, superset("(?=look)")), (LiteralScanner, superset("[a-z]{9}"))],
)
def test_what_a_scanner_refuses_is_tried_everywhere(make: Make, refused: Superset) -> None:
    """And doesn't keep it from looking for the others."""
    prefilter = Prefilter([[[ABC], [refused], [DEF]]], make)
    assert prefilter.default == ((0, [1]),)
    assert prefilter.search(["d-f"]) == {0: ((0, [1, 2]),)}


def test_plans_that_an_attacker_varies_cost_no_memory() -> None:
    """What is kept for each is bounded."""
    letters = [superset(chr(97 + number), bytes([97 + number])) for number in range(12)]
    prefilter = Prefilter([[[each] for each in letters]], HyperScanner)
    for number in range(3000):
        prefilter.search(["".join(chr(97 + bit) for bit in range(12) if number >> bit & 1)])
    assert len(prefilter._plans) <= 1000


def test_hyperscan_is_used_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """And where it isn't, or the processor is too old for it, nothing else is needed."""
    assert isinstance(make_scanner([ABC]), HyperScanner)

    class TooOld:
        def __init__(self, mode: int) -> None:
            pass

        def compile(self, **_: Any) -> None:
            raise hyperscan.ArchitectureError("no SSE4.2")

    with monkeypatch.context() as patch:
        patch.setattr(hyperscan, "Database", TooOld)
        assert isinstance(make_scanner([ABC]), LiteralScanner)

    plain_import = builtins.__import__

    def import_module(name: str, *args: Any) -> Any:
        if name == "webfail2ban_jails.hyperscanner":
            raise ModuleNotFoundError(name)
        return plain_import(name, *args)

    monkeypatch.setattr(builtins, "__import__", import_module)
    assert isinstance(make_scanner([ABC]), LiteralScanner)


JAILS: dict[str, Any] = {
    "mail": {
        "failregex": [
            r"^\S+ mail\[\d+\]: login failed for <F-USER>\S*</F-USER> from <HOST>$",
            r"^\S+ mail\[\d+\]: (?!ok)\w+ refused: <HOST>",
        ],
        "ignoreregex": ["monitor"],
        "datepattern": ["{^LN-BEG}"],
    },
    "web": {"failregex": [r"^<HOST> - \S+ \[\] \"GET /(?:wp-login|xmlrpc)\.php"]},
    "unknown": {"failregex": [r"^[^!]*!\S+ <HOST>$"], "sources": ["tail:b"]},
}

PIECES = (
    "host mail[7]: login failed for joe from 192.0.2.1",
    "host mail[7]: login failed for monitor from 192.0.2.2",
    "host mail[7]: no refused: 192.0.2.3",
    '192.0.2.4 - joe [{date}] "GET /wp-login.php HTTP/1.1" 200',
    "!x 192.0.2.5",
    "login failed for",
    " from 2001:db8::1",
    "\u00fc\u2028\x85\x0b",
    "\udc80",
    "[{date}]",
    "",
)

DATES = ("2026-11-20T12:00:00Z", "2026-11-20T11:59:20Z", "2026-11-19T12:00:00Z", "")


@st.composite
def log_lines(draw: st.DrawFn) -> LogLine:
    """Lines that mean something, or nearly, with a date in front, inside or nowhere."""
    text = " ".join(draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=2)))
    text = text.replace("{date}", draw(st.sampled_from(DATES)))
    if draw(st.booleans()):
        text = f"{draw(st.sampled_from(DATES))} {text}"
    if draw(st.integers(0, 3)) == 0:
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(["", "x", "\u00e9"])) + text[place + 1 :]
    known = draw(st.sampled_from([None, None, NOON - 5]))
    source = draw(st.sampled_from(["tail:a", "tail:b"]))
    return LogLine(text, source, known, live=draw(st.booleans()))


BLOCKS = st.lists(st.lists(log_lines(), max_size=8), max_size=6)


@pytest.mark.parametrize("make", SCANNERS)
@settings(max_examples=60)
@given(blocks=BLOCKS)
def test_the_same_is_found_as_without_a_prefilter(
    make: Make, blocks: Sequence[Sequence[LogLine]]
) -> None:
    """The same failures with the same times and fields, in the same order."""
    clock = Clock()
    plain = detect_all(make_detector(JAILS, NoScanner, clock), blocks)
    assert detect_all(make_detector(JAILS, make, clock), blocks) == plain


@settings(max_examples=40)
@given(blocks=BLOCKS)
def test_the_same_is_found_however_lines_are_divided(blocks: Sequence[Sequence[LogLine]]) -> None:
    """One line at a time, as syslog brings them, or many."""
    clock = Clock()
    single = [[line] for block in blocks for line in block]
    one = detect_all(make_detector(JAILS, make_scanner, clock), single)
    assert detect_all(make_detector(JAILS, make_scanner, clock), blocks) == one


MULTILINE = """
[Definition]
failregex = ^begin from <HOST>$<SKIPLINES>^end$
maxlines = 3
"""


@pytest.mark.parametrize("make", SCANNERS)
def test_failures_of_several_lines_are_found(make: Make, tmp_path: Path) -> None:
    """Though the lines between them mean nothing to anybody."""
    (tmp_path / "several.conf").write_text(MULTILINE)
    detector = make_detector({"several": {"filter": "several"}}, make, Clock(), [tmp_path])
    texts = ["begin from 192.0.2.1", "between", "end"]
    blocks = [[LogLine(text, "tail:a", NOON)] for text in texts]
    assert [len(failure.lines) for failure in detect_all(detector, blocks)] == [2]


@pytest.mark.parametrize("distance", [1, 99])
def test_a_line_without_a_date_has_that_of_one_before(distance: int) -> None:
    """Though that one means nothing, and stood in another block."""
    jail = {"failregex": [r"failed from <HOST>$"]}
    detector = make_detector({"a": jail}, make_scanner, Clock())
    before = [[LogLine("2026-11-20T11:59:30Z nothing", "tail:a")]]
    between = [[LogLine("nothing", "tail:a")]] * (distance - 1)
    line = [LogLine("failed from 192.0.2.1", "tail:a")]
    (failure,) = detect_all(detector, [*before, *between, line])
    assert failure.time == NOON - 30


def test_a_date_of_another_log_is_none() -> None:
    """Neither is one that no jail looks for."""
    jail = {"failregex": [r"failed from <HOST>$"], "sources": ["tail:a"]}
    detector = make_detector({"a": jail}, make_scanner, Clock())
    other = LogLine("2026-11-20T11:59:30Z nothing", "tail:b")
    (failure,) = detector.detect([other, LogLine("failed from 192.0.2.1", "tail:a")])
    assert failure.time == NOON


COMMENT = re.compile("#|$")
OTHER_MODES = ("sshd", "dovecot", "postfix", "nginx-http-auth", "apache-auth", "sendmail-reject")


@pytest.fixture(scope="module")
def packaged_jails(fail2ban_tree: Path) -> dict[str, Any]:
    """A jail for each filter of fail2ban's package, and some in their other modes."""
    folder = fail2ban_tree / "etc" / "fail2ban" / "filter.d"
    names = [path.stem for path in sorted(folder.glob("*.conf")) if path.stem != "selinux-common"]
    specs = [name for name in names if read_filter(name, dirs=[folder]).failregex]
    specs += [f"{name}[mode=aggressive]" for name in OTHER_MODES]
    return {spec: {"filter": spec, "findtime": "100y"} for spec in specs}


@pytest.fixture(scope="module")
def sample_lines(fail2ban_tree: Path) -> list[LogLine]:
    """All lines of fail2ban's samples, each log its own source."""
    (tests,) = fail2ban_tree.glob("usr/lib/python3*/dist-packages/fail2ban/tests")
    return [
        LogLine(text, f"tail:{log.name}", live=False)
        for log in sorted((tests / "files" / "logs").iterdir())
        if log.is_file()
        for text in log.read_text("utf-8").split("\n")
        if not COMMENT.match(text)
    ]


@pytest.mark.parametrize("make", SCANNERS)
def test_all_packaged_filters_find_the_same_in_all_samples(
    make: Make,
    packaged_jails: dict[str, Any],
    sample_lines: list[LogLine],
    fail2ban_tree: Path,
) -> None:
    """All at once, in blocks and line by line."""
    dirs = [fail2ban_tree / "etc" / "fail2ban" / "filter.d"]

    def find(make: Make, size: int) -> list[Failure]:
        detector = make_detector(packaged_jails, make, lambda: SAMPLES_AT, dirs)
        places = range(0, len(sample_lines), size)
        return detect_all(detector, (sample_lines[place : place + size] for place in places))

    plain = find(NoScanner, 1000)
    assert len(plain) > 600
    assert find(make, 1000) == plain
    assert find(make, 1) == plain
