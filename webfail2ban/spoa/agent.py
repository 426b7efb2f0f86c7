"""The agent: NOTIFY in, actions out."""

import logging
from collections.abc import Callable

from webfail2ban.model import Query, Verdict
from webfail2ban.notices import Notices
from webfail2ban.spoa.queries import make_query
from webfail2ban.spoa.variables import A_BAN, A_VERDICT, NO_VERDICT, encode_verdict
from webfail2ban.spop import LONGEST_REMEMBERED, Notify, Scope
from webfail2ban.verdicts.memory import Memory
from webfail2ban.verdicts.tally import Tally

log = logging.getLogger(__name__)


class Agent:
    """Answers NOTIFY frames, from memory where nothing has changed.

    Args:
        judge: Gives the verdict on a query.
        memory: Keeps the answers.
        now: The clock, in seconds since the epoch.
        scope: Where HAProxy keeps the variables.
        observe: Tells whether a message asks nothing, and takes note of it if so.

    Attributes:
        scope: As above; whoever changes it has the remembered answers forgotten.
        tally: Counts the verdicts that leave.
        verdicts: How many answers were made anew.
        failures: How many questions could not be answered, and got no verdict.
    """

    def __init__(
        self,
        judge: Callable[[Query], Verdict],
        memory: Memory,
        now: Callable[[], float],
        scope: Scope,
        observe: Callable[[Query], bool] = lambda _: False,
    ) -> None:
        self._judge = judge
        self._observe = observe
        self._memory = memory
        self._now = now
        self.scope = scope
        self.recall: Callable[[bytes], bytes | None] = memory.recall
        self.refresh = memory.refresh
        self._notices = Notices(log, now)
        self.tally = Tally()
        self.verdicts = 0
        self.failures = 0

    def count(self, answers: bytes, seconds: float) -> None:
        """Count the verdicts in what is about to be written to one connection.

        Their bytes are searched: that takes a fraction of a microsecond for all of them, and most
        were remembered, so that nobody has looked at them one by one.

        Args:
            answers: Whole frames.
            seconds: How long ago the first of the questions was read.
        """
        verdicts = answers.count(A_VERDICT)
        if verdicts:
            self.tally.add(verdicts, answers.count(A_BAN), seconds)

    def answer(self, notify: Notify) -> bytes:
        """Return the encoded actions for a NOTIFY, and remember them as long as they hold.

        Of several messages in one NOTIFY, which one ACK answers, the worst verdict counts: the
        variables have one name. A client without an address, a message that asks nothing, and a
        NOTIFY without a message get no verdict. Never raises: HAProxy waits for an ACK whatever
        happens here.
        """
        try:
            return self._answer(notify)
        except Exception as error:  # noqa: BLE001 - a plugin's opinion may hold anything
            self._fail(error)
            return NO_VERDICT

    def _answer(self, notify: Notify) -> bytes:
        queries = [make_query(message.name, message.args) for message in notify.messages]
        queries = [query for query in queries if query.address is not None]
        asked = [query for query in queries if not self._observe(query)]
        if not asked:
            return NO_VERDICT
        generation = self._memory.generation
        verdicts = [self._judge(query) for query in asked]
        self.verdicts += 1
        worst = max(verdicts, key=lambda verdict: (verdict.banned, verdict.score, verdict.until))
        answer, until = encode_verdict(worst, self.scope, self._now())
        until = min(until, *(verdict.valid_until for verdict in verdicts))
        # What is observed is observed each time. And a plugin may have waited: an answer that
        # missed a change is given, but not kept.
        if (
            len(asked) == len(queries)
            and self._memory.generation == generation
            and len(notify.payload) <= LONGEST_REMEMBERED
        ):
            addresses = [query.address for query in queries if query.address is not None]
            self._memory.remember(notify.payload, answer, addresses, until)
        return answer

    def _fail(self, error: Exception) -> None:
        """Count a question that could not be answered, and log it unless one was just now."""
        self.failures += 1
        if self._notices.take("no verdict") is not None:
            log.error("a question got no verdict, %d so far", self.failures, exc_info=error)
