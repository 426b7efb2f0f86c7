"""What a SPOE file says: scopes with an agent, its messages and its groups.

HAProxy's SPOE.txt, 2.3 to 2.6. The prefix of variables is the agent's name unless
``option var-prefix`` says another.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from webfail2ban.doctor.reading import Line, Section
from webfail2ban.doctor.variables import read_acls, spell_out

#: Events that only an HTTP frontend or backend has.
OF_HTTP = frozenset(
    {"on-frontend-http-request", "on-backend-http-request", "on-http-response"},
)

#: Events that only a frontend has, and those that only a backend has.
OF_FRONTENDS = frozenset(
    {"on-client-session", "on-frontend-tcp-request", "on-frontend-http-request"}
)
OF_BACKENDS = frozenset({"on-backend-tcp-request", "on-backend-http-request", "on-server-session"})


@dataclass(frozen=True, slots=True)
class Message:
    """A ``spoe-message``.

    Attributes:
        section: All of it.
    """

    section: Section

    @property
    def name(self) -> str:
        """Return its name."""
        return self.section.name

    @property
    def event(self) -> str:
        """Return its event; empty if it has none, so that a rule sends it."""
        line = self.section.last("event")
        return line.word(1) if line is not None else ""

    @property
    def condition(self) -> tuple[str, ...]:
        """Return the words behind its event, with those of the ACLs that they name."""
        line = self.section.last("event")
        if line is None:
            return ()
        return spell_out(line, read_acls(self.section))[2:]

    @property
    def arguments(self) -> tuple[tuple[Line, str, str], ...]:
        """Return its arguments: the line, the name, which may be empty, and the expression."""
        return tuple(
            (line, name if equals else "", expression if equals else word)
            for line in self.section.all("args")
            for word in line.words[1:]
            for name, equals, expression in [_partition(word)]
        )


def _partition(word: str) -> tuple[str, str, str]:
    """Part an argument's name from its expression, which may have a = inside brackets."""
    name, equals, expression = word.partition("=")
    return ("", "", word) if "(" in name else (name, equals, expression)


@dataclass(frozen=True, slots=True)
class Scope:
    """What an engine finds in its SPOE file.

    Attributes:
        agents: Its ``spoe-agent`` sections: there should be one.
        messages: Its messages by name.
        groups: Its groups by name.
    """

    agents: tuple[Section, ...]
    messages: Mapping[str, Message]
    groups: Mapping[str, Section]

    @property
    def agent(self) -> Section | None:
        """Return the agent that HAProxy takes."""
        return self.agents[0] if self.agents else None

    @property
    def sections(self) -> tuple[Section, ...]:
        """Return all of its sections."""
        messages = (message.section for message in self.messages.values())
        return (*self.agents, *messages, *self.groups.values())

    def listed(self, word: str) -> tuple[tuple[Line, str], ...]:
        """Return what the agent lists as its ``messages`` or ``groups``, each with its line."""
        if self.agent is None:
            return ()
        return tuple((line, name) for line in self.agent.all(word) for name in line.words[1:])

    @property
    def sent_on_events(self) -> tuple[Message, ...]:
        """Return the messages that are sent on events."""
        named = [name for _, name in self.listed("messages")]
        return tuple(self.messages[name] for name in named if name in self.messages)

    def sent_by_rule(self, group: str) -> tuple[Message, ...]:
        """Return the messages of a group."""
        section = self.groups.get(group)
        lines = section.all("messages") if section is not None else ()
        named = [name for line in lines for name in line.words[1:]]
        return tuple(self.messages[name] for name in named if name in self.messages)

    @property
    def sent(self) -> tuple[Message, ...]:
        """Return all messages that may be sent."""
        groups = [name for _, name in self.listed("groups")]
        by_rule = [message for group in groups for message in self.sent_by_rule(group)]
        return (*self.sent_on_events, *by_rule)

    def option(self, name: str) -> tuple[Line, str] | None:
        """Return the line of an agent's ``option NAME VALUE`` and its value."""
        line = self.agent.last("option", name) if self.agent is not None else None
        return (line, line.word(2)) if line is not None else None

    def timeout(self, name: str) -> Line | None:
        """Return the line of the agent's timeout."""
        return self.agent.last("timeout", name) if self.agent is not None else None

    @property
    def backend(self) -> tuple[Line, str] | None:
        """Return the line that says where the agents are, and the backend's name."""
        line = self.agent.last("use-backend") if self.agent is not None else None
        return (line, line.word(1)) if line is not None else None


def read_scopes(sections: tuple[Section, ...]) -> dict[str, Scope]:
    """Put the sections of a SPOE file together by their scopes."""
    return {
        scope: _put_together([section for section in sections if section.scope == scope])
        for scope in {section.scope for section in sections}
    }


def _put_together(sections: list[Section]) -> Scope:
    by_kind = {
        kind: [section for section in sections if section.kind == kind]
        for kind in ("spoe-agent", "spoe-message", "spoe-group")
    }
    return Scope(
        tuple(by_kind["spoe-agent"]),
        {section.name: Message(section) for section in by_kind["spoe-message"]},
        {section.name: section for section in by_kind["spoe-group"]},
    )
