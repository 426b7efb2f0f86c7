"""Asks running agents as HAProxy does: a HELLO, then a NOTIFY about a client that is nobody."""

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter

from webfail2ban.addresses import parse_address
from webfail2ban.doctor.durations import parse_time
from webfail2ban.doctor.finding import Finding, error, warning
from webfail2ban.doctor.findings.reach import chroot_of
from webfail2ban.doctor.reading import Section
from webfail2ban.doctor.servers import Server
from webfail2ban.doctor.site import Site
from webfail2ban.doctor.variables import find_read, rules
from webfail2ban.errors import ProtocolError
from webfail2ban.spop import (
    Ack,
    AgentDisconnect,
    AgentHello,
    Message,
    Reply,
    ReplyReader,
    SetVar,
    serialize_haproxy_disconnect,
    serialize_haproxy_hello,
    serialize_notify,
)
from webfail2ban.spop.actions import Scope

UNREACHABLE = error(
    "agent-unreachable",
    "An agent that a server's line names can't be reached, or doesn't answer.",
)
REFUSES = error("agent-refuses", "Something answers, but it refuses the HELLO or is no agent.")
STRANGER = error(
    "agent-stranger",
    "An agent answers a NOTIFY, and its answer has no verdict of webfail2ban's.",
)
OTHER_SCOPE = error(
    "agent-scope",
    "The running agent sets the verdict in another scope than rules read it in.",
)
SLOW = warning(
    "agent-slow",
    "An agent's quickest answer of three took longer than `timeout processing`.",
)

KINDS = (UNREACHABLE, REFUSES, STRANGER, OTHER_SCOPE, SLOW)

#: A client that is nobody (RFC 5737).
NOBODY = "192.0.2.1"

#: Seconds for an answer: a hundred times what HAProxy waits.
PATIENCE = 5.0

#: How often is asked: the first answer of an agent may take its time.
TIMES = 3

#: How variables' scopes are written in rules.
SCOPES = {
    Scope.PROCESS: "proc",
    Scope.SESSION: "sess",
    Scope.TRANSACTION: "txn",
    Scope.REQUEST: "req",
    Scope.RESPONSE: "res",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an agent answered.

    Attributes:
        seconds: How long the quickest answer took.
        scopes: The scope of each variable that it set.
    """

    seconds: float
    scopes: dict[str, str]


def ask_all(site: Site) -> Iterator[Finding | tuple[Server, Answer]]:
    """Ask every agent that HAProxy would ask; yield what is wrong, and what was answered."""
    for backend, servers in site.agents:
        message = _question(site, backend)
        for server in servers:
            try:
                answer = ask(site, server, message)
            except (OSError, ProtocolError, ValueError) as failure:
                yield _explain(server, failure)
                continue
            yield server, answer
            yield from _judge(site, backend, server, answer)


def ask(site: Site, server: Server, message: Message) -> Answer:
    """Introduce oneself to an agent and ask it.

    Raises:
        OSError: it can't be reached, or doesn't answer.
        ProtocolError: what it says is no SPOP, or no answer.
        ValueError: its name is none that could be looked up.
    """
    with closing(_connect(site, server)) as sock:
        replies = _Replies(sock)
        sock.sendall(serialize_haproxy_hello())
        if not isinstance(reply := replies.next(), AgentHello):
            raise ProtocolError(0, _name(reply))
        best, scopes = PATIENCE, dict[str, str]()
        for number in range(1, TIMES + 1):
            began = perf_counter()
            sock.sendall(serialize_notify(number, 1, [message]))
            if not isinstance(reply := replies.next(), Ack):
                raise ProtocolError(0, _name(reply))
            best = min(best, perf_counter() - began)
            scopes = {
                action.name: SCOPES[action.scope]
                for action in reply.actions
                if isinstance(action, SetVar)
            }
        sock.sendall(serialize_haproxy_disconnect())
    return Answer(best, scopes)


class _Replies:
    """What comes from an agent, one reply after the other."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._reader = ReplyReader()
        self._waiting: list[Reply] = []

    def next(self) -> Reply:
        while not self._waiting:
            data = self._sock.recv(65536)
            if not data:
                raise ConnectionError("it closes the connection without an answer")
            self._waiting += self._reader.receive_data(data)
        return self._waiting.pop(0)


def _name(reply: Reply) -> str:
    """Say what came in place of an answer."""
    if isinstance(reply, AgentDisconnect):
        return f"it says goodbye, status {reply.status}: {reply.message}"
    return f"it answers out of turn, with {type(reply).__name__}"


def _connect(site: Site, server: Server) -> socket.socket:
    """Connect as the server's line says."""
    if server.path:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(PATIENCE)
        try:
            sock.connect(os.fspath(site.machine.path(chroot_of(site) + server.path)))
        except BaseException:
            sock.close()
            raise
        return sock
    plain = socket.create_connection((server.host, server.port), timeout=PATIENCE)
    if not server.has("ssl"):
        return plain
    try:
        context = _make_context(server)
        host = server.value("verifyhost") or server.host
        return context.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _make_context(server: Server) -> ssl.SSLContext:
    """Return what TLS needs, as the server's line says."""
    authorities = server.value("ca-file")
    own = authorities and not authorities.startswith("@")  # @system-ca: the system's
    context = ssl.create_default_context(cafile=authorities if own else None)
    if server.value("verify") == "none":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif not server.value("verifyhost"):
        context.check_hostname = False  # HAProxy looks at the name only where it is told to
    if certificate := server.value("crt"):
        context.load_cert_chain(certificate)
    return context


def _question(site: Site, backend: Section) -> Message:
    """Return a message as HAProxy would send it, with the client's address alone."""
    for _, scope in site.scopes:
        if scope.backend is None or scope.backend[1] != backend.name:
            continue
        for message in scope.sent:
            for _, name, expression in message.arguments:
                if expression.partition(",")[0] == "src":
                    return Message(message.name, ((name, parse_address(NOBODY)),))
    return Message("check-ip", (("ip", parse_address(NOBODY)),))


def _explain(server: Server, failure: OSError | ProtocolError | ValueError) -> Finding:
    """Say why there is no answer."""
    if isinstance(failure, ProtocolError):
        return REFUSES.at(
            server.line,
            f"{server.shown} is no agent that lets us ask: {failure.detail}",
            "# is it webfail2ban that listens there? spoa.address and spoa.port say where it does",
        )
    if isinstance(failure, TimeoutError):
        return UNREACHABLE.at(
            server.line,
            f"the agent at {server.shown} doesn't answer within {PATIENCE:.0f} s",
            "systemctl restart webfail2ban    # and see its log; or a firewall drops what we ask",
        )
    said = failure.strerror if isinstance(failure, OSError) else None
    reason = said or str(failure) or type(failure).__name__
    return UNREACHABLE.at(
        server.line,
        f"the agent at {server.shown} can't be asked: {reason}",
        "webfail2ban run    # or: systemctl start webfail2ban",
    )


def _judge(site: Site, backend: Section, server: Server, answer: Answer) -> Iterator[Finding]:
    scope = answer.scopes.get("banned")
    if scope is None:
        told = ", ".join(answer.scopes) or "nothing"
        yield STRANGER.at(
            server.line,
            f"{server.shown} answers without a verdict; it tells {told}",
            "# is it webfail2ban that listens there? spoa.address and spoa.port say where it does",
        )
        return
    engines = [
        engine
        for engine in site.engines
        if engine.scope and engine.scope.backend and engine.scope.backend[1] == backend.name
    ]
    for engine in engines:
        for line, words in rules(engine.proxy):
            for name in find_read(words):
                if (name.prefix, name.last) == (engine.prefix, "banned") and name.scope != scope:
                    yield OTHER_SCOPE.at(
                        line,
                        f"the running agent sets {scope}.{engine.prefix}.banned, and the rule "
                        f"reads {name}",
                        line.text.replace(f"var({name}", f"var({scope}.{engine.prefix}.banned"),
                    )
    timeouts = [engine.scope.timeout("processing") for engine in engines if engine.scope]
    waits = [
        seconds
        for timeout in timeouts
        if timeout is not None and (seconds := parse_time(timeout.word(2)))
    ]
    if waits and answer.seconds > min(waits):
        yield SLOW.at(
            server.line,
            f"{server.shown} takes {answer.seconds * 1000:.0f} ms to answer, and HAProxy waits "
            f"{min(waits) * 1000:.0f} ms",
            "webfail2ban status    # says what is wrong",
        )
