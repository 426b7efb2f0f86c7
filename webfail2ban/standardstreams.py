"""Standard input, output and error, which a program may be started without (``>&-``).

What is opened next takes the number of a closed one (open(2)): a database would get what is meant
for the terminal. And Python has None in the place of such a stream, which nobody expects.
"""

import os
import sys


def open_missing_streams() -> None:
    """Open the null device where a standard stream is closed."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            os.set_inheritable(descriptor, True)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - until the end
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - the same
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - the same
