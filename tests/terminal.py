"""What a program writes to a terminal."""

import os


def read_terminal(descriptor: int) -> str:
    """Read what was written until nobody writes any more, and close our end.

    Args:
        descriptor: Our end of the terminal (pty(7)); the other one is closed on this side.
    """
    text = b""
    try:
        while data := os.read(descriptor, 65536):
            text += data
    except OSError:  # how a terminal says that nobody writes to it any more
        pass
    os.close(descriptor)
    return text.decode()
