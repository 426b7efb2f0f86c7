"""The bound for gevent: a SPOP server that gives every client the same ACK.

    python -m bench.constant_ack 127.0.0.1:9000
    python -m bench.constant_ack /tmp/constant.sock

It reads a frame's length, type and ids and nothing else, asks nobody, and answers what one recv
brings with one send. There is a greenlet for each connection, and the event that wakes it stays
registered between two reads, which is the fastest shape of a greenlet server that was found
(gevent's own recv and sendall reach about half of it). An agent in Python with gevent that decides
something can come near this rate; it cannot exceed it.
"""

import socket
import sys
from pathlib import Path
from struct import Struct

from gevent import get_hub, getcurrent
from gevent import socket as green
from gevent.server import StreamServer

NOTIFY = 3
RECEIVE = 65536

# Length, type and flags of a frame; the ids follow as two varints (doc/SPOE.txt, 3.2).
_HEAD = Struct(">IBI")
_HELLO_PAYLOAD = (
    b"\x07version\x08\x032.0"
    b"\x0emax-frame-size\x03\xfc\xf0\x06"  # 16380, what HAProxy announces
    b"\x0ccapabilities\x08\x0apipelining"
)
_HELLO = _HEAD.pack(7 + len(_HELLO_PAYLOAD), 101, 1) + b"\0\0" + _HELLO_PAYLOAD
_ACTIONS = b"\x01\x03\x02\x06banned\x01"  # set-var, 3 arguments, scope txn, boolean false
# The head of an ACK depends on nothing but how many bytes its ids take: 2 to 20.
_ACK_HEADS = [_HEAD.pack(5 + ids + len(_ACTIONS), 103, 1) for ids in range(21)]


def answer(data: bytes) -> tuple[bytes, bytes]:
    """Answer the whole frames in `data`; returns the reply and the bytes of an unfinished frame."""
    replies: list[bytes] = []
    add = replies.append
    at, size = 0, len(data)
    while size - at >= 11:
        length, kind, _ = _HEAD.unpack_from(data, at)
        ids = at + 9
        end = at + 4 + length
        if end > size:
            break
        at = end
        if kind != NOTIFY:
            add(_HELLO)
            continue
        payload = ids
        if data[payload] >= 240:
            payload += 1
            while data[payload] >= 128:
                payload += 1
        payload += 1
        if data[payload] >= 240:
            payload += 1
            while data[payload] >= 128:
                payload += 1
        payload += 1
        add(_ACK_HEADS[payload - ids])
        add(data[ids:payload])
        add(_ACTIONS)
    return b"".join(replies), data[at:]


def serve(connection: green.socket, _peer: object) -> None:
    """Answer one HAProxy until it hangs up."""
    if connection.family != socket.AF_UNIX:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    hub = get_hub()
    readable = hub.loop.io(connection.fileno(), 1)
    # gevent's own socket methods arm and disarm an event for each read; this one stays armed.
    plain = socket.socket(fileno=connection.detach())
    plain.setblocking(False)
    park, receive, send = hub.switch, plain.recv, plain.send
    rest = b""
    readable.start(getcurrent().switch)
    try:
        while True:
            park()
            data = receive(RECEIVE)
            if not data:
                return
            reply, rest = answer(rest + data)
            if send(reply) != len(reply):
                return  # a peer that doesn't read 64 KiB of ACKs is no load generator
    except OSError:
        return
    finally:
        readable.stop()
        readable.close()
        plain.close()


def listen(address: str) -> green.socket:
    """Listen on `host:port` or, if there is a slash in it, on the path of a unix socket."""
    if "/" in address:
        Path(address).unlink(missing_ok=True)
        listener = green.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(address)
    else:
        host, _, port = address.rpartition(":")
        listener = green.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, int(port)))
    listener.listen(128)
    return listener


if __name__ == "__main__":
    StreamServer(listen(sys.argv[1]), serve).serve_forever()
