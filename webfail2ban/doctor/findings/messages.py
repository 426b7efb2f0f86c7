"""Messages: what they are sent on, and what they tell."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from webfail2ban.doctor.finding import Finding, error, hint, warning
from webfail2ban.doctor.reading import Line, Section
from webfail2ban.doctor.site import Engine, Site
from webfail2ban.doctor.spoe import OF_BACKENDS, OF_FRONTENDS, OF_HTTP, Message, Scope
from webfail2ban.doctor.variables import find_read, find_set, rules

KEYWORD = error(
    "spoe-keyword-unknown",
    "The SPOE file has a keyword, an option or an event that HAProxy doesn't know.",
)
UNKNOWN = error(
    "spoe-message-missing",
    "`messages` or a group names a message that isn't there, or `send-spoe-group` a group.",
)
UNUSED = warning(
    "spoe-message-unused",
    "A message that no agent and no group lists, so it is never sent.",
)
SILENT = warning(
    "spoe-message-silent",
    "A message is listed to be sent on an event, and has none.",
)
NEVER = error(
    "spoe-event-never",
    "A message's event never comes in this proxy: one of HTTP in TCP mode, one of frontends in a "
    "backend.",
)
TOO_EARLY = error(
    "spoe-argument-too-early",
    "A message's argument takes something of a request that hasn't come when the event does: "
    "HAProxy ignores the message, or the agent gets nothing.",
)
BEFORE_GROUP = error(
    "rule-before-group",
    "A rule reads the verdict before `send-spoe-group` has asked for it.",
)
BEFORE_RULE = error(
    "event-before-rule",
    "A message's condition or argument reads a variable that only `http-request` rules set: events "
    "come before them.",
)
VARIES = hint(
    "spoe-argument-varies",
    "A message tells something that differs from connection to connection: the agent can't "
    "remember its answers.",
)

KINDS = (KEYWORD, UNKNOWN, UNUSED, SILENT, NEVER, TOO_EARLY, BEFORE_GROUP, BEFORE_RULE, VARIES)

#: The keywords of each section (SPOE.txt 2.4 to 2.6).
KEYWORDS = {
    "spoe-agent": (
        *("groups", "log", "max-frame-size", "max-waiting-frames", "maxconnrate", "maxerrrate"),
        *("messages", "option", "register-var-names", "timeout", "use-backend"),
    ),
    "spoe-message": ("acl", "args", "event"),
    "spoe-group": ("messages",),
}

#: The words behind some of them.
SECOND = {
    "option": (
        *("async", "continue-on-error", "dontlog-normal", "force-set-var", "pipelining"),
        *("send-frag-payload", "set-on-error", "set-process-time", "set-total-time", "var-prefix"),
    ),
    "timeout": ("hello", "idle", "processing"),
    "event": tuple(sorted({*OF_FRONTENDS, *OF_BACKENDS, *OF_HTTP, "on-tcp-response"})),
}

#: What is there only when a request is, or a part of it.
OF_REQUEST = re.compile(
    r"\b(?:req\.(?:f?hdr|hdrs|cook|body|ver|fhdr)|hdr|method|path|pathq|url|urlp|url_param|"
    r"query|base|http_\w+|status|res\.\w+|cook)\w*(?![\w.-])(?:\(|,|$)"
)

#: What is there when some bytes have come.
OF_CONTENT = re.compile(r"\breq\.(?:payload|payload_lv|len|ssl_\w+|rdp_cookie|proto_http)\b")

#: What is never the same twice.
VARYING = re.compile(
    r"\b(?:src_port|fc_src_port|bc_src_port|date|date_us|rand|uuid|unique-id|accept_date)\b"
)


def find(site: Site) -> Iterator[Finding]:
    """Find what is wrong with messages."""
    for engine, scope in site.scopes:
        for section in scope.sections:
            yield from _find_strange(section)
        yield from _find_names(engine, scope)
        for message in scope.sent_on_events:
            yield from _find_early(message)
        for message in scope.sent:
            yield from _find_varying(message)
    for engine in site.engines:
        if engine.scope is not None:
            for message in engine.scope.sent_on_events:
                yield from _find_never(engine, message)
                yield from _find_before_rule(engine.proxy, message)
            yield from _find_groups(engine, engine.scope)


def _find_strange(section: Section) -> Iterator[Finding]:
    """Find words that HAProxy doesn't know."""
    for line in section.lines:
        place = 1 if line.starts("no") else 0
        word, known = line.word(place), KEYWORDS[section.kind]
        if word in SECOND and word in known:
            word, known = line.word(place + 1), SECOND[word]
        if word not in known:
            alike = get_close_matches(word, known, 1)
            yield KEYWORD.at(
                line,
                f"{section} has {word!r}, which HAProxy doesn't know",
                line.text.replace(word, alike[0]) if alike else f"# known are {', '.join(known)}",
            )


def _find_names(engine: Engine, scope: Scope) -> Iterator[Finding]:
    lists = list(scope.listed("messages"))
    for section in scope.groups.values():
        lists += [(line, name) for line in section.all("messages") for name in line.words[1:]]
    for line, name in lists:
        if name not in scope.messages:
            yield UNKNOWN.at(
                line,
                f"there is no message {name!r} in the scope of {engine.name!r}",
                f"spoe-message {name}\n    args ip=src\n    event on-client-session",
            )
    listed = {name for _, name in lists}
    for message in scope.messages.values():
        if message.name not in listed:
            yield UNUSED.at(
                message.section.head,
                f"nobody lists the message {message.name!r}, so it is never sent",
                f"messages {' '.join([*(name for _, name in lists), message.name])}",
            )
    for message in scope.sent_on_events:
        if not message.event:
            yield SILENT.at(
                message.section.head,
                f"the message {message.name!r} has no event, so it is never sent",
                "event on-client-session",
            )


def _find_never(engine: Engine, message: Message) -> Iterator[Finding]:
    line = message.section.last("event")
    if line is None:
        return
    proxy, event = engine.proxy, message.event
    if event in OF_HTTP and proxy.mode != "http":
        mended = "event on-client-session"
        yield NEVER.at(line, f"{proxy} is in TCP mode: {event} never comes there", mended)
    elif event in OF_FRONTENDS and proxy.kind == "backend":
        mended = f"# in the frontend, not in {proxy}\n{engine.line.text}"
        yield NEVER.at(line, f"{proxy} is no frontend: {event} never comes there", mended)
    elif event in OF_BACKENDS and proxy.kind == "frontend":
        mended = "event on-client-session"
        yield NEVER.at(line, f"{proxy} is no backend: {event} never comes there", mended)


def _find_early(message: Message) -> Iterator[Finding]:
    early = message.event in {"on-client-session", "on-frontend-tcp-request"}
    for line, name, expression in message.arguments if early else ():
        shown = f"{name or expression}"
        if OF_CONTENT.search(expression):
            yield TOO_EARLY.at(
                line,
                f"{message.event} comes before the client has said anything: {shown!r} is empty",
                "# the message has no event, and the agent `groups first-bytes`\n"
                f"spoe-group first-bytes\n    messages {message.name}\n# in the frontend\n"
                "tcp-request inspect-delay 5s\n"
                "tcp-request content send-spoe-group ENGINE first-bytes if { req.len gt 0 }",
            )
        elif OF_REQUEST.search(expression):
            yield TOO_EARLY.at(
                line,
                f"{message.event} comes before the request: {shown!r} can't be told",
                "event on-frontend-http-request",
            )


def _find_before_rule(proxy: Section, message: Message) -> Iterator[Finding]:
    if message.event == "on-http-response":
        return
    late = {name: line for line in proxy.all("http-request") for name in find_set(line.words)}
    for phase in ("connection", "session", "content"):
        for line in proxy.all("tcp-request", phase):
            for name in find_set(line.words):
                late.pop(name, None)
    for line in (*message.section.all("event"), *message.section.all("args")):
        for name in find_read(line.words):
            if name in late:
                yield BEFORE_RULE.at(
                    line,
                    f"{message.event} comes before the rules of http-request, which set {name} "
                    f"({late[name].file}:{late[name].number})",
                    f"{late[name].text.replace('http-request', 'tcp-request content', 1)}\n"
                    "# and in the message\nevent on-frontend-http-request"
                    f"{_join(' ', line.words[2:]) if line.starts('event') else ''}",
                )


def _join(before: str, words: tuple[str, ...]) -> str:
    return before + " ".join(words) if words else ""


def _find_varying(message: Message) -> Iterator[Finding]:
    for line, _, expression in message.arguments:
        if found := VARYING.search(expression):
            kept = " ".join(word for word in line.words if not VARYING.search(word))
            yield VARIES.at(
                line,
                f"{found[0]} makes every question a new one, which the agent can't remember; leave "
                "it out unless a plugin reads it",
                kept,
            )


def _find_groups(engine: Engine, scope: Scope) -> Iterator[Finding]:
    """Find groups that aren't there, and rules that come before theirs."""
    sent: list[Line] = []
    for phase in ("tcp-request", "http-request"):
        for line in engine.proxy.all(phase):
            if "send-spoe-group" not in line.words or line.after("send-spoe-group") != engine.name:
                continue
            sent.append(line)
            group = line.word(line.words.index("send-spoe-group") + 2)
            if group not in {name for _, name in scope.listed("groups")}:
                yield UNKNOWN.at(
                    line,
                    f"the agent of {engine.name!r} lists no group {group!r}",
                    f"# in the agent\ngroups {group}",
                )
    if sent and not scope.sent_on_events:
        yield from _find_before(engine.proxy, engine, sent[0])


def _find_before(proxy: Section, engine: Engine, sent: Line) -> Iterator[Finding]:
    for line, words in rules(proxy, sent.words[0]):
        early = line.number < sent.number and line.file == sent.file
        if early and f".{engine.prefix}." in " ".join(words):
            yield BEFORE_GROUP.at(
                line,
                "the verdict isn't there yet: the question is asked by a rule further down",
                f"{sent.text}\n{line.text}",
            )
