from webfail2ban.commands.wording import plural


def test_one_is_singular() -> None:
    """And only one."""
    assert plural(1, "line") == "1 line"
    assert plural(0, "line") == "0 lines"
    assert plural(2000, "failregex", "failregexes") == "2,000 failregexes"
