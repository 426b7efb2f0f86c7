"""Numbers in sentences."""


def plural(number: int, one: str, many: str = "") -> str:
    """Write how many there are of something.

    Args:
        number: How many.
        one: What one of them is called.
        many: What several are called, if it isn't just an s more.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
