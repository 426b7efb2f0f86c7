"""Small servers behind HAProxy."""

import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.e2e.ports import LOOPBACK
from tests.e2e.proxyprotocol import read_v2


class EchoHandler(BaseHTTPRequestHandler):
    """Answers each request with its headers as JSON, their names in small letters."""

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps(headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class EchoServer(ThreadingHTTPServer):
    """Whose clients needn't try twice: as many connect at once as a load has."""

    request_queue_size = 128


class MailServer(socketserver.ThreadingTCPServer):
    """Greets, as IMAP and SMTP servers do, whoever a PROXY header of version 2 names.

    Attributes:
        clients: Who was greeted.
        greeting: With what.
    """

    daemon_threads = True

    def __init__(self, greeting: bytes) -> None:
        super().__init__((LOOPBACK, 0), MailHandler)
        self.greeting = greeting
        self.clients: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class MailHandler(socketserver.BaseRequestHandler):
    request: socket.socket
    server: MailServer

    def handle(self) -> None:
        client = read_v2(self.request)
        if client is None:
            return  # a health check
        self.server.clients.append(str(client))
        self.request.sendall(self.server.greeting)


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[int]:
    """Serve in a thread while the context lasts; return the port."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def echo_server() -> ThreadingHTTPServer:
    """Return an HTTP server that shows what HAProxy sends."""
    return EchoServer((LOOPBACK, 0), EchoHandler)
