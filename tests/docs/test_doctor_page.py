from docs import findings_reference

PAGE = findings_reference.PAGE.read_text("utf-8")


def test_the_table_is_that_of_the_code() -> None:
    """Otherwise: python docs/findings_reference.py."""
    assert findings_reference.insert(PAGE, findings_reference.render()) == PAGE
