"""A client that guesses passwords until HAProxy lets him in no more; compose.yaml starts it.

The arguments are HAProxy's ports for IMAP and for HTTP, as ``host:port``. The exit status is 0 if
both refuse the client in the end.
"""

import socket
import sys
import time
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

#: Attempts after which nobody will refuse him any more. With the usual jail five are enough, once
#: everything has started.
ATTEMPTS = 60

#: Seconds between two attempts, for the agent to hear of the first; and for an answer.
PAUSE, PATIENCE = 0.5, 10.0


def main() -> int:
    """Guess; return the exit status."""
    imap, web = map(read_place, sys.argv[1:])
    for attempt in range(1, ATTEMPTS + 1):
        answer = log_in(*imap, f"guess{attempt}")
        print(f"login {attempt}: {answer or 'refused without a word'}", flush=True)
        if answer is None and (status := ask(*web)) == HTTPStatus.FORBIDDEN:
            print(f"the website says {status}, too", flush=True)
            return 0
        time.sleep(PAUSE)
    return 1


def read_place(text: str) -> tuple[str, int]:
    """Read a host and a port."""
    host, _, port = text.rpartition(":")
    return host, int(port)


def log_in(host: str, port: int, password: str) -> str | None:
    """Try a password; return the server's answer, None if it never came so far."""
    try:
        with socket.create_connection((host, port), PATIENCE) as connection:
            lines = connection.makefile("r", encoding="ascii", newline="\r\n")
            if not lines.readline():
                return None
            connection.sendall(f"a LOGIN root {password}\r\n".encode())
            return lines.readline().strip() or "nothing"
    except ConnectionResetError:
        return None
    except OSError as error:  # not everything has started yet
        return f"({error})"


def ask(host: str, port: int) -> int | None:
    """Ask for the website's first page; return the status, None without an answer."""
    with closing(HTTPConnection(host, port, timeout=PATIENCE)) as http:
        try:
            http.request("GET", "/")
            return http.getresponse().status
        except (OSError, HTTPException):
            return None


if __name__ == "__main__":
    sys.exit(main())
