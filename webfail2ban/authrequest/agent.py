"""The agent: questions in, heads of responses out."""

import logging
from collections import Counter
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from math import floor

from webfail2ban.authrequest.answers import A_BAN, A_VERDICT, encode_verdict, refuse
from webfail2ban.authrequest.questions import Question, Questioner
from webfail2ban.model import Query, Verdict
from webfail2ban.notices import Notices
from webfail2ban.spop import LONGEST_REMEMBERED
from webfail2ban.verdicts.memory import Memory
from webfail2ban.verdicts.tally import Tally

log = logging.getLogger(__name__)

#: The answer to a request that names no client. It is an error of the proxy's configuration, and
#: the operator is to see it: whoever let such requests pass would protect nothing.
NAMELESS = refuse(HTTPStatus.BAD_REQUEST, "no client address in the configured header")

#: The answer where something of ours failed.
FAILED = refuse(HTTPStatus.INTERNAL_SERVER_ERROR, "no verdict, see the log")

CLOSE = b"Connection: close\r\n"


class AuthAgent:
    """Answers requests, from memory where nothing has changed.

    Args:
        judge: Gives the verdict on a query.
        memory: Keeps the answers.
        now: The clock, in seconds since the epoch.
        tally: Counts the verdicts.
        questioner: Reads requests.

    Attributes:
        questioner: As above; whoever changes it has the remembered answers forgotten.
        recall: Returns the head of the answer to a question that is remembered, or None; call
            `refresh` first.
        end: Ends the head of a response: what is the same for all of this second.
        last_end: The same, where the connection ends, too.
        verdicts: How many answers were made anew.
        given: How many verdicts there were.
        failures: How many questions could not be answered.
        refusals: How many requests named no client.
    """

    def __init__(
        self,
        judge: Callable[[Query], Verdict],
        memory: Memory,
        now: Callable[[], float],
        tally: Tally,
        questioner: Questioner,
    ) -> None:
        self._judge = judge
        self._memory = memory
        self._now = now
        self._tally = tally
        self._notices = Notices(log, now)
        self._second = 0
        self.questioner = questioner
        self.recall: Callable[[Question], bytes | None] = memory.recall
        self.end = self.last_end = b""
        self.verdicts = 0
        self.given = 0
        self.failures = 0
        self.refusals: Counter[HTTPStatus] = Counter()

    def refresh(self) -> None:
        """Drop the answers that have ended, and look at the clock (RFC 9110, 6.6.1)."""
        self._memory.refresh()
        second = floor(self._now())
        if second != self._second:
            self._second = second
            self.end = f"Date: {formatdate(second, usegmt=True)}\r\n\r\n".encode("ascii")
            self.last_end = CLOSE + self.end

    def count(self, answers: bytes, seconds: float) -> None:
        """Take note of the responses that leave, and of the seconds that they took."""
        verdicts = answers.count(A_VERDICT)
        if verdicts:
            self.given += verdicts
            self._tally.add(verdicts, answers.count(A_BAN), seconds)

    def answer(self, question: Question) -> bytes:
        """Return the head of the answer to a question, and remember it as long as it holds.

        Never raises: the proxy waits, and its client does.
        """
        try:
            return self._answer(question)
        except Exception:
            self.failures += 1
            if self._notices.take("no verdict") is not None:
                log.exception("a question got no verdict, %d so far", self.failures)
            return FAILED

    def _answer(self, question: Question) -> bytes:
        query = self.questioner.make_query(question)
        if query is None or query.address is None:
            self.refusals[HTTPStatus.BAD_REQUEST] += 1
            self._notices.warn("http: a request names no client in http.address_header")
            return NAMELESS
        generation = self._memory.generation
        verdict = self._judge(query)
        self.verdicts += 1
        head, until = encode_verdict(verdict, self._now())
        # A plugin may have waited: an answer that missed a change is given, but not kept.
        size = sum(len(value) for value in question if value is not None)
        if self._memory.generation == generation and size <= LONGEST_REMEMBERED:
            self._memory.remember(question, head, [query.address], until)
        return head
