from webfail2ban.errors import ConfigurationError, Problem


def test_a_problem_is_one_line() -> None:
    """Place, setting, what is wrong, what to do; whatever is known of these."""
    assert str(Problem("is wrong")) == "is wrong"
    assert str(Problem("is wrong", "a.b", "f", 3, 5, "mend it")) == "f:3:5: a.b: is wrong; mend it"
    assert str(Problem("is wrong", source="environment X")) == "environment X: is wrong"


def test_nothing_in_a_problem_can_steer_a_terminal() -> None:
    """Names come from files, and files from anybody."""
    assert str(Problem("a\nb", "\x1b[31m")) == r"\x1b[31m: a\nb"


def test_problems_are_sorted_as_they_are_read() -> None:
    """By line and column; what has no line comes last."""
    problems = [
        Problem("e", source="environment X"),
        Problem("d", source="f", line=10, column=1),
        Problem("c", source="f", line=9, column=12),
        Problem("b", source="f", line=9, column=2),
    ]
    error = ConfigurationError(problems)
    assert [problem.message for problem in error.problems] == ["b", "c", "d", "e"]
    assert str(error) == "f:9:2: b\nf:9:12: c\nf:10:1: d\nenvironment X: e"
