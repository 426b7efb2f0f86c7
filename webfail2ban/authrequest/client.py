"""One client of the HTTP endpoint, a proxy: drives a `Connection` over its wire."""

import time
from collections.abc import Callable
from http import HTTPStatus
from time import perf_counter
from typing import Any, Protocol

from webfail2ban.addresses import Address
from webfail2ban.authrequest.answers import refuse
from webfail2ban.authrequest.connection import Connection
from webfail2ban.authrequest.questions import Question, Questioner
from webfail2ban.errors import RequestError
from webfail2ban.listening.wire import LAST_READS, Wire

#: The end of a connection that nothing is wrong with.
NORMAL = 0


class Answerer(Protocol):
    """What a connection asks; see `webfail2ban.authrequest.agent.AuthAgent`."""

    questioner: Questioner
    recall: Callable[[Question], bytes | None]
    end: bytes
    last_end: bytes

    def refresh(self) -> None:
        """Forget what has ended; called before each use of recall."""

    def count(self, answers: bytes, seconds: float, /) -> None:
        """Take note of the responses that leave, and of the seconds that they took."""

    def answer(self, question: Question) -> bytes:
        """Return the head of the answer to a question; must not raise."""


class AuthClient(Wire):
    """One connection.

    Args:
        sock: The connected socket; the client takes its descriptor over.
        agent: Answers the questions.
        max_header: Bytes that the head of a request may have.
        peer: Who connected; None over a unix socket.
        refusal: What every request is told instead of a verdict, if anything.

    Attributes:
        peer: As above.
    """

    def __init__(
        self,
        sock: Any,
        agent: Answerer,
        max_header: int,
        peer: Address | None,
        refusal: RequestError | None,
    ) -> None:
        super().__init__(sock)
        self._agent = agent
        self._connection = Connection(max_header)
        self._refusal = refusal
        self._busy = False
        self._writes = 0
        self._seen: tuple[int, bool, bool] | None = None
        self._seen_at = time.monotonic()
        self.peer = peer

    @property
    def idle(self) -> bool:
        """Whether it owes us nothing, nor we it: it keeps its connection for later."""
        return not (self._connection.mid_request or self._stuck or self._refusal)

    def silent_for(self, now: float) -> float:
        """Return for how many seconds nothing has begun or ended, as seen at each call.

        While it waits for an answer, it isn't silent; while it doesn't take our answers, it is.

        Args:
            now: Seconds of the monotonic clock.
        """
        seen = (self._writes, self._connection.mid_request, self._stuck)
        if seen != self._seen or self._busy:
            self._seen, self._seen_at = seen, now
        return now - self._seen_at

    def time_out(self) -> None:
        """End a connection that was silent for too long."""
        if self._stuck:
            self._cut_off(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.end(HTTPStatus.REQUEST_TIMEOUT if self._connection.mid_request else NORMAL)

    def _answer_all(self) -> bool:
        """Answer until the connection ends; return whether the peer may still be listening."""
        connection, agent, reads = self._connection, self._agent, 0
        while not connection.close_expected:
            data = self._receive()
            reads += self._ending is not None
            if data is None or reads > LAST_READS:
                self._give_up(self._ending or NORMAL)
                return True
            if not data:
                return False
            began = perf_counter()
            agent.refresh()
            answers = self._answer(data)
            if answers:
                self._writes += 1
                agent.count(answers, perf_counter() - began)
                self._send(answers)
        return True

    def _answer(self, data: bytes) -> bytes:
        """Return the responses to what a read brought."""
        connection, questioner = self._connection, self._agent.questioner
        fresh = not connection.mid_request and self._refusal is None
        if fresh:
            question = questioner.recall(data)
            if question is not None:
                return self._respond([question], last=False)
        requests = connection.receive_data(data)
        if requests and self._refusal is not None:
            return self._refuse(self._refusal)
        questions = [questioner.read(request) for request in requests]
        if fresh and len(questions) == 1 and not connection.unsettled:
            questioner.remember(data, questions[0])
        answers = self._respond(questions, last=bool(requests) and requests[-1].last)
        fault = connection.fault
        if fault is not None:
            self._note(fault)
            if connection.owes_answer:
                answers += self._refuse(self._refusal or fault)
        return answers

    def _respond(self, questions: list[Question], *, last: bool) -> bytes:
        """Return the responses to questions, of which the last one's may be the connection's."""
        agent = self._agent
        answers: list[bytes] = []
        for question in questions:
            head = agent.recall(question)
            answers += (self._ask(question) if head is None else head, agent.end)
        if answers and (last or self._ending is not None):
            self._connection.close()
            answers[-1] = agent.last_end
        return b"".join(answers)

    def _ask(self, question: Question) -> bytes:
        """Ask for what isn't remembered; a plugin may wait for something here."""
        self._busy = True
        try:
            with self._elsewhere():
                return self._agent.answer(question)
        finally:
            self._busy = False

    def _refuse(self, fault: RequestError) -> bytes:
        """Return the last response: there is nothing to be understood behind a fault."""
        self._note(fault)
        return refuse(fault.status, fault.detail) + self._agent.last_end

    def _note(self, fault: RequestError) -> None:
        self._connection.fault = fault
        self._status, self.detail = fault.status, fault.detail

    def _give_up(self, status: int) -> None:
        """End a connection from our side: who has begun to ask is told why."""
        if status != NORMAL and self._connection.owes_answer:
            fault = RequestError(HTTPStatus(status), "the request takes too long")
            self._send(self._refuse(fault))
