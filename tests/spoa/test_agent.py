from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_network
from math import inf, nan

import gevent
import pytest
from gevent.event import Event

from webfail2ban.model import Query, Value, Verdict
from webfail2ban.notices import PAUSE
from webfail2ban.spoa.agent import Agent
from webfail2ban.spoa.variables import NO_VERDICT, encode_verdict
from webfail2ban.spop import (
    LONGEST_REMEMBERED,
    Message,
    Notify,
    Scope,
    SetVar,
    decode_actions,
    encode_messages,
)
from webfail2ban.testing import Clock
from webfail2ban.turns import give_way
from webfail2ban.verdicts.memory import Memory

CLIENT = IPv4Address("192.0.2.1")
OTHER = IPv4Address("192.0.2.2")

BANNED = Verdict(True, 100, "failed", "sshd", inf)


class Judge:
    """Gives verdicts by address.

    Args:
        before: Is called before each verdict; may wait or raise.

    Attributes:
        verdicts: By address; others pass.
        asked: The queries.
    """

    def __init__(self, before: Callable[[], object] = dict) -> None:
        self._before = before
        self.verdicts: dict[object, Verdict] = {}
        self.asked: list[Query] = []

    def __call__(self, query: Query) -> Verdict:
        self.asked.append(query)
        self._before()
        return self.verdicts.get(query.address, Verdict())


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def memory(clock: Clock) -> Memory:
    return Memory(clock, 100)


@pytest.fixture
def agent(judge: Judge, memory: Memory, clock: Clock) -> Agent:
    return Agent(judge, memory, clock, Scope.TRANSACTION)


def ask(*messages: Message) -> Notify:
    return Notify(b"\1\1", messages, encode_messages(messages))


def about(address: Value, **others: Value) -> Message:
    return Message("check-ip", (("ip", address), *others.items()))


def read(answer: bytes) -> dict[str, Value]:
    return {
        action.name: action.value for action in decode_actions(answer) if isinstance(action, SetVar)
    }


def recall(agent: Agent, notify: Notify) -> bytes | None:
    """Look the answer up as a connection does."""
    agent.refresh()
    return agent.recall(notify.payload)


def test_a_question_is_judged(agent: Agent, judge: Judge) -> None:
    """The plugins see message, arguments and address."""
    judge.verdicts[CLIENT] = BANNED
    assert read(agent.answer(ask(about(CLIENT, path="/"))))["banned"] == 1
    (query,) = judge.asked
    assert (query.message, query.address, query.get("path")) == ("check-ip", CLIENT, "/")
    assert agent.verdicts == 1


def test_a_mapped_address_is_the_same_client(agent: Agent, judge: Judge) -> None:
    """Or a ban could be slipped past."""
    judge.verdicts[CLIENT] = BANNED
    assert read(agent.answer(ask(about(IPv6Address("::ffff:192.0.2.1")))))["banned"] == 1


def test_of_several_messages_the_worst_verdict_counts(agent: Agent, judge: Judge) -> None:
    """One ACK answers all, and the variables have one name."""
    judge.verdicts[CLIENT] = Verdict(score=20)
    judge.verdicts[OTHER] = Verdict(score=50)
    assert read(agent.answer(ask(about(CLIENT), about(OTHER))))["score"] == 50
    judge.verdicts[CLIENT] = BANNED
    both = agent.answer(ask(about(CLIENT, path="/"), about(OTHER)))
    assert read(both)["banned"] == 1


def test_of_several_bans_the_last_to_end_counts(agent: Agent, judge: Judge, clock: Clock) -> None:
    """Its end is when the client may come back."""
    judge.verdicts[CLIENT] = Verdict(True, 100, until=clock.time + 10)
    judge.verdicts[OTHER] = Verdict(True, 100, until=clock.time + 20)
    assert read(agent.answer(ask(about(CLIENT), about(OTHER))))["ttl"] == 20


@pytest.mark.parametrize(
    "notify", [ask(), ask(about(None)), ask(Message("hello")), ask(about("unknown"), about(None))]
)
def test_without_an_address_there_is_an_answer_but_no_verdict(
    agent: Agent, judge: Judge, notify: Notify
) -> None:
    """HAProxy waits for an ACK all the same, and needs an action in it."""
    answer = agent.answer(notify)
    assert answer == NO_VERDICT
    assert decode_actions(answer)
    assert not judge.asked


def test_messages_without_an_address_do_not_count(agent: Agent, judge: Judge) -> None:
    """The others are judged."""
    judge.verdicts[CLIENT] = BANNED
    assert read(agent.answer(ask(about(None), about(CLIENT))))["banned"] == 1


def test_an_answer_is_remembered(agent: Agent, judge: Judge) -> None:
    """Until something changes about one of its addresses."""
    judge.verdicts[CLIENT] = BANNED
    notify = ask(about(CLIENT), about(OTHER))
    answer = agent.answer(notify)
    assert recall(agent, notify) == answer
    agent._memory.forget(ip_network("198.51.100.1/32"))
    assert recall(agent, notify) == answer
    agent._memory.forget(ip_network(OTHER))
    assert recall(agent, notify) is None


def test_a_remembered_ttl_goes_down(agent: Agent, judge: Judge, clock: Clock) -> None:
    """Second by second; the answer is made anew."""
    judge.verdicts[CLIENT] = Verdict(
        True, 100, until=clock.time + 10.5, valid_until=clock.time + 10.5
    )
    notify, told = ask(about(CLIENT)), []
    for _ in range(22):
        told.append(read(recall(agent, notify) or agent.answer(notify))["ttl"])
        clock.turn(0.5)
    assert told == [11, 10, 10, 9, 9, 8, 8, 7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 1]
    assert len(judge.asked) < len(told)


def test_a_verdict_that_holds_only_once_is_not_remembered(agent: Agent, judge: Judge) -> None:
    """Some plugin counts questions, or could not be heard."""
    judge.verdicts[CLIENT] = Verdict(valid_until=0)
    notify = ask(about(CLIENT), about(OTHER))
    agent.answer(notify)
    assert recall(agent, notify) is None


def test_a_long_question_is_not_remembered(agent: Agent) -> None:
    """Headers and bodies rarely repeat, and would only fill the memory."""
    short = ask(about(CLIENT, path="x" * 400))
    long = ask(about(CLIENT, path="x" * LONGEST_REMEMBERED))
    agent.answer(short)
    agent.answer(long)
    assert recall(agent, short)
    assert recall(agent, long) is None


def test_an_answer_that_missed_a_change_is_not_remembered(memory: Memory, clock: Clock) -> None:
    """A plugin waited while the client was banned: the answer is given, but not kept."""
    go_on = Event()
    agent = Agent(Judge(before=go_on.wait), memory, clock, Scope.TRANSACTION)
    notify = ask(about(CLIENT))
    asking = gevent.spawn(agent.answer, notify)
    give_way()
    memory.forget(ip_network(CLIENT))
    go_on.set()
    assert read(asking.get())["banned"] == 0
    assert recall(agent, notify) is None


def fail() -> None:
    raise LookupError("no database")


def test_whatever_goes_wrong_there_is_an_answer(
    memory: Memory, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """It is counted, logged once a minute and not remembered."""
    agent = Agent(Judge(before=fail), memory, clock, Scope.TRANSACTION)
    notify = ask(about(CLIENT))
    for _ in range(3):
        assert agent.answer(notify) == NO_VERDICT
    assert recall(agent, notify) is None
    assert [record.getMessage() for record in caplog.records] == [
        "a question got no verdict, 1 so far"
    ]
    clock.turn(PAUSE)
    agent.answer(notify)
    assert caplog.records[1].getMessage() == "a question got no verdict, 4 so far"
    assert agent.failures == 4


def test_an_opinion_without_sense_does_not_cost_the_answer(agent: Agent, judge: Judge) -> None:
    """Not a number is no time."""
    judge.verdicts[CLIENT] = Verdict(True, 100, until=nan)
    assert agent.answer(ask(about(CLIENT))) == NO_VERDICT


class Observer:
    """Takes note of the messages called observe."""

    def __init__(self) -> None:
        self.noted: list[Query] = []

    def __call__(self, query: Query) -> bool:
        if query.message != "observe":
            return False
        self.noted.append(query)
        return True


@pytest.fixture
def observer() -> Observer:
    return Observer()


@pytest.fixture
def observing(judge: Judge, memory: Memory, clock: Clock, observer: Observer) -> Agent:
    """An agent whose plugins take note of the messages called observe."""
    return Agent(judge, memory, clock, Scope.TRANSACTION, observer)


def test_a_message_that_asks_nothing_changes_no_variable(
    observing: Agent, judge: Judge, memory: Memory, observer: Observer
) -> None:
    """It is acknowledged each time without a verdict, and nobody is asked for one."""
    judge.verdicts[CLIENT] = BANNED
    for _ in range(2):
        assert observing.answer(ask(Message("observe", (("ip", CLIENT),)))) == NO_VERDICT
    assert len(observer.noted) == 2
    assert not judge.asked
    assert not len(memory)


def test_a_question_beside_a_message_that_asks_nothing_is_judged_each_time(
    observing: Agent, judge: Judge, memory: Memory, observer: Observer
) -> None:
    """The one has its verdict, and the other comes anew the next time."""
    both = ask(about(CLIENT), Message("observe", (("ip", CLIENT),)))
    for _ in range(2):
        assert read(observing.answer(both))["banned"] == 0
    assert len(judge.asked) == len(observer.noted) == 2
    assert not len(memory)


def encoded(verdict: Verdict, scope: Scope = Scope.TRANSACTION) -> bytes:
    return encode_verdict(verdict, scope, 0.0)[0]


@pytest.mark.parametrize("scope", Scope)
def test_verdicts_and_bans_that_leave_are_counted(agent: Agent, scope: Scope) -> None:
    """Whatever a jail is called and a reason says, and whatever the scope."""
    passes = encoded(Verdict(), scope)
    bans = encoded(Verdict(True, 100, "banned", "banned", 10.0), scope)
    agent.count(passes + bans + passes, 0.0)
    assert (agent.tally.verdicts, agent.tally.banned) == (3, 1)


def test_what_a_plugin_says_cannot_count_as_a_verdict(agent: Agent) -> None:
    """A reason's control characters are replaced before it is sent."""
    forged = encoded(BANNED).decode("latin-1")
    agent.count(encoded(Verdict(True, 100, forged, forged, 10.0)), 0.0)
    assert (agent.tally.verdicts, agent.tally.banned) == (1, 1)


def test_an_answer_without_a_verdict_is_not_counted(agent: Agent) -> None:
    """A client without an address has none."""
    agent.count(NO_VERDICT, 0.0)
    assert agent.tally.verdicts == 0
    assert sum(agent.tally.latencies) == 0
