import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webfail2ban.filters import Filter, FilterDefinition, UseDns, find_supersets

NOW = 1124013600.0

#: Everything that expressions of filters are made of.
FAILREGEXES = (
    r"^\s*login failed for \S+ from <ADDR>\s*$",
    r"^(?:\[\])?\s*(?:\S+ )?app(?:\[\d+\])?: (?!ok)\w+ for .*? from <HOST>(?: port \d+)?$",
    r"^ \[error\] \d+#\d+: \*\d+ user \"(?:[^\"]+|.*?)\":? was not found, client: <HOST>",
    r"^<HOST> - \S+ \[\] \"(?:GET|POST) /(?:wp-login|xmlrpc)\.php",
    r"^Failed (?P<what>\w+) for (?P=what) from <ADDR>\b",
    r"^(?P<inv>invalid )?user (?(inv)x|y) from <ADDR>",
    r"^(?i:Rejected) [a-z]{2,3} ((?i)key|sig) of <ADDR>$",
    r"^audit\(:\d+\): addr=<ADDR>",
    r"fehlgeschlagen für <ADDR>",
    r"^a[^b]+c[\s\S]{3}<ADDR>\W*$",
    r"^(?:x|yy|zz?z)+ <ADDR>(?=\n)",
    r"^(?:.*begins|ends .* with|is.*) <ADDR>$",
    r"^\d{2}:(?:\w+=\S* ){2}<ADDR>[^,]$",
)

DATEPATTERNS: Sequence[tuple[str, ...]] = (
    (),
    ("{^LN-BEG}",),
    (r"^[^\[]*\[({DATE})", "{^LN-BEG}"),
    (r"^[^\[]*(\[{DATE}\s*\])",),
    ("EPOCH",),
    ("^{DATE}",),
    (r"{UNB}%Y%m%d",),
    ("{NONE}",),
)

DATES = (
    "",
    "2005-08-14 12:00:00",
    "Aug 14 12:00:00",
    "[Sun Aug 14 12:00:00 2005]",
    "14/Aug/2005:12:00:00 +0200",
    "1124013600",
    "audit(1124013600.123:1)",
    "@4000000042ff1f6a0a1b2c3d",
    "20050814",
    "<08/14/05@12:00:00>",
)

PREFIXES = (None, r"^\S+ app: <F-CONTENT>.+</F-CONTENT>$", r"^(?:\S+ )?<F-CONTENT>.*</F-CONTENT>")


def make(
    *failregexes: str, prefregex: str | None = None, datepattern: tuple[str, ...] = ("{^LN-BEG}",)
) -> Filter:
    definition = FilterDefinition(
        "test", failregex=failregexes, prefregex=prefregex, datepattern=datepattern
    )
    return Filter(definition, now=lambda: NOW, usedns=UseDns.RAW)


def missed(filter_: Filter, line: str) -> list[str]:
    """Return the failregexes that match a line in which none of their supersets is."""
    cut = filter_.dates.cut(line)
    text = cut.before + cut.after + "\n"
    if filter_.prefregex is not None:
        prefix = filter_.prefregex.search(text)
        if prefix is None:
            return []
        text = prefix["content"] + "\n" if prefix["content"] else text
    raw = line.encode("utf-8", "surrogatepass")
    wrong = []
    for regex, supersets in zip(filter_.failregexes, find_supersets(filter_), strict=True):
        if not supersets or not regex.search(text):
            continue
        if not any(re.search(superset.expression.encode(), raw) for superset in supersets):
            wrong.append(regex.pattern)
        known = [superset.literals for superset in supersets]
        if all(known) and not any(literal in raw for some in known for literal in some):
            wrong.append(f"the literals of {regex.pattern}")
    return wrong


@st.composite
def broken_lines(draw: st.DrawFn, pattern: str) -> str:
    """Lines that an expression matches, with a date somewhere and perhaps a mistake."""
    text = draw(st.from_regex(pattern)).replace("\n", "")
    if draw(st.booleans()):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(
            st.sampled_from(["", " ", "\u00e9", "\u017f", "\u212a", "]", "\udc80"])
        )
    place = draw(st.integers(0, len(text)) | st.integers(0, 3))
    return text[:place] + draw(st.sampled_from(DATES)) + text[place:]


@pytest.mark.parametrize("failregex", FAILREGEXES)
@settings(max_examples=60)
@given(data=st.data())
def test_no_line_that_matches_is_missed(failregex: str, data: st.DataObject) -> None:
    """Wherever its date stands, and whatever it tears apart."""
    filter_ = make(failregex, datepattern=data.draw(st.sampled_from(DATEPATTERNS)))
    line = data.draw(broken_lines(filter_.failregexes[0].pattern))
    assert not missed(filter_, line)


@pytest.mark.parametrize("prefregex", PREFIXES, ids=str)
@settings(max_examples=60)
@given(data=st.data())
def test_no_content_of_a_prefix_is_missed(prefregex: str | None, data: st.DataObject) -> None:
    """The failregex is then searched in the content, and both have to match."""
    failregex = data.draw(st.sampled_from(FAILREGEXES))
    filter_ = make(failregex, prefregex=prefregex)
    line = "Aug 14 12:00:00 host app: " + data.draw(broken_lines(filter_.failregexes[0].pattern))
    assert not missed(filter_, line)


def expressions(filter_: Filter) -> list[list[str]]:
    return [[superset.expression for superset in each] for each in find_supersets(filter_)]


def test_look_arounds_and_positions_are_left_out() -> None:
    """They say nothing of what a line holds."""
    assert expressions(make(r"^(?!x)abc(?=d)\b def (?<=f )<F-ID>ghi</F-ID>$")) == [["abc def ghi"]]


def test_ends_that_tell_nothing_are_left_out() -> None:
    """A scanner reports each place where a match may end."""
    (expression,) = expressions(make(r"^\S+ login failed from <ADDR>.*$"))[0]
    assert re.fullmatch(r"login failed from \(\?:\[\S+\)", expression)


def test_what_a_prefix_requires_is_looked_for_too() -> None:
    """Its content alone may be found in many lines."""
    prefregex = r"^rejected: <F-CONTENT>.+</F-CONTENT>$"
    (expression,) = expressions(make(r"^from \[<ADDR>\]$", prefregex=prefregex))[0]
    assert expression.startswith(r"rejected\x3a from \x5b")


def test_what_stands_before_a_date_at_the_start_is_left_out() -> None:
    """At most two characters, and none of a word."""
    assert expressions(make(r"^\[x\] <F-ID>abc</F-ID>")) == [[r"x\x5d abc"]]
    assert expressions(make(r"^x\[\] <F-ID>abc</F-ID>")) == [[r"x\x5b\x5d abc"]]


def test_dates_anywhere_leave_words() -> None:
    """They may stand between words, but never in one."""
    (expression,) = expressions(make(r"^login: failed: <F-ID>abc</F-ID>", datepattern=()))[0]
    assert expression == "login.*failed.*abc"


def test_dates_that_divide_words_leave_halves() -> None:
    """A date divides one of them only."""
    halves = expressions(make(r"^login failed: <F-ID>abcd</F-ID>", datepattern=(r"{UNB}%Y%m%d",)))
    assert len(halves[0]) == 2


def test_what_tells_too_little_has_no_superset() -> None:
    """Every line has to be searched for it then."""
    assert expressions(make(r"^.*<F-ID>\S*</F-ID>")) == [[]]
    assert expressions(make(r"^ab<F-ID>c</F-ID>", datepattern=(r"{UNB}%Y%m%d",))) == [[]]


def test_filters_of_several_lines_have_no_supersets() -> None:
    """Each of their lines may be the beginning of a failure."""
    definition = FilterDefinition("test", failregex=(r"^abc<SKIPLINES>^def <ADDR>",), maxlines=2)
    assert find_supersets(Filter(definition)) == ((),)


def test_expressions_stay_small() -> None:
    """Those of more than a few hundred characters have gaps made."""
    names = "|".join(f"bot{number} version {number}" for number in range(200))
    ((superset,),) = find_supersets(make(rf'^"(?:{names})" from <ADDR>$'))
    assert len(superset.expression) < 3000


def test_literals_stand_in_every_match() -> None:
    """One of a choice, and all spellings of what ignores case."""
    ((superset,),) = find_supersets(make(r"^(?:abc|defg) \d+ from (?i:xy) <ADDR>"))
    assert superset.literals == {b" from XY ", b" from Xy ", b" from xY ", b" from xy "}
