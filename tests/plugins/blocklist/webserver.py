"""A real HTTP server on loopback that says whatever a test wants it to say, however wrong."""

import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.waiting import PATIENCE

#: Writes an answer to the connection, given the request.
Answer = Callable[[socket.socket, str], object]


class WebServer:
    """Answers each connection's one request, and closes it.

    Attributes:
        answer: Gives the answers.
        requests: What was asked, each with its headers.
        release: Set at the end: whoever stalls waits for it.
    """

    def __init__(self) -> None:
        self.answer: Answer = say(b"")
        self.requests: list[str] = []
        self.release = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        self._listener.close()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/list"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(PATIENCE)
                try:
                    request = b""
                    while b"\r\n\r\n" not in request:
                        piece = connection.recv(65536)
                        if not piece:
                            break
                        request += piece
                    self.requests.append(request.decode())
                    self.answer(connection, request.decode())
                except OSError:
                    pass  # a client may go whenever it likes


def say(body: bytes, status: str = "200 OK", **headers: str) -> Answer:
    """Answer with a body and headers; underscores in names are dashes."""

    def answer(connection: socket.socket, _request: str) -> None:
        named = {"Content_Length": str(len(body)), **headers}
        lines = [f"HTTP/1.1 {status}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in named.items() if value]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    return answer
