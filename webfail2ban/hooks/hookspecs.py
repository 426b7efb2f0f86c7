"""Every hook that a plugin may implement, in the order of a plugin's life.

A plugin is any object with functions marked `@hookimpl`: a module, or an instance of the class
that an entry point of the group ``webfail2ban`` names. If it has an attribute ``Settings`` (a
subclass of `webfail2ban.Settings`), the section of its name in the configuration is checked
against that model.

Two processes load the same plugins. The *engine* gives verdicts and keeps bans; the *sensor*, its
child, reads logs and searches them. Each calls only the hooks that belong to it. A hook may take
fewer arguments than are named here, and every hook may be left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from webfail2ban.addresses import Address
from webfail2ban.hooks.configspecs import check_settings, configure, offer
from webfail2ban.hooks.interfaces import Engine
from webfail2ban.hooks.markers import PROJECT, hookimpl, hookspec
from webfail2ban.hooks.sensorspecs import detect, prepare_sensor, report, start_sensor, stop_sensor
from webfail2ban.model import Ban, Failure, Json, Opinion, Query
from webfail2ban.statuses import ClientCount, Status

__all__ = [
    "PROJECT",
    "check_settings",
    "configure",
    "detect",
    "hookimpl",
    "hookspec",
    "offer",
    "prepare_sensor",
    "report",
    "start_sensor",
    "stop_sensor",
]


@hookspec
def take_over(predecessor: Any) -> None:
    """Take over from the plugin of the same name that a reload replaces.

    Called in the engine when the configuration is loaded anew, after `configure` and before
    `start_engine`, in the order of the configuration. Each reload makes new plugins; what the old
    one learned and the engine doesn't keep (`Engine.keep`) goes over here, as does what only one
    of them can hold: the old one works on until the new ones have started, and is stopped then.

    Args:
        predecessor: The old plugin, not yet stopped. It may be of an older version of the code,
            and it goes on with what it has if some new plugin can't start.

    If it raises, the plugin is named in the log and begins with nothing. Example::

        @hookimpl
        def take_over(self, predecessor: Any) -> None:
            self.seen = predecessor.seen
    """


@hookspec
def start_engine(engine: Engine) -> None:
    """Begin work in the engine, before the first verdict is asked for.

    Called once, in the engine, in the order of the configuration.

    Args:
        engine: What the plugin may ask of the engine; keep it.

    If it raises, the program doesn't start, and a reload changes nothing. Example::

        @hookimpl
        def start_engine(self, engine: Engine) -> None:
            engine.every(1, self.reread)
    """


@hookspec(firstresult=True)
def observe(query: Query) -> bool | None:
    """Take note of a message that tells something and asks nothing.

    Called in the engine for each message with a client's address that has no remembered answer, of
    all plugins in the order of the configuration, up to the first one that takes it; before
    `opinion`, of which nobody is asked then. HAProxy waits for it, and its variables stay as they
    are: what takes longer than microseconds is left to a greenlet, and nothing is waited for.

    Args:
        query: The message.

    Returns:
        True if it was for this plugin: it is acknowledged without a verdict, and comes anew the
        next time. None or False if it was not.

    If it raises, the plugin is named in the log and the others are asked. Example::

        @hookimpl
        def observe(self, query: Query) -> bool:
            if query.message != "tell-logins":
                return False
            self.logins[query.address] += 1
            return True
    """


@hookspec(firstresult=True)
def opinion(query: Query) -> Opinion | None:
    """Say what this plugin thinks of a client.

    Called in the engine for each query that has no remembered verdict, of all plugins, in the
    order of the configuration. HAProxy waits for it: it must answer within microseconds, or wait
    cooperatively (gevent's sockets) for a few milliseconds.

    Args:
        query: The message; ``query.address`` may be None.

    Returns:
        An opinion; None for nothing to say. Both are remembered for this query until the
        opinion's end, or until some plugin calls ``engine.forget`` for the address.

    If it raises or outruns ``verdict.timeout``, the chain goes on without its opinion, the plugin
    is named in the log and the verdict isn't remembered. Example::

        @hookimpl
        def opinion(self, query: Query) -> Opinion | None:
            if query.get("path") == "/wp-login.php":
                return Opinion.add_score(40, "asks for WordPress")
            return None
    """


@hookspec(firstresult=True)
def traits(address: Address) -> Iterable[str] | None:
    """Say where a client belongs, in words that other plugins' settings may name.

    Called in the engine when a plugin wants to know (`Engine.traits`), such as ``jails`` for
    limits that differ by country; of all plugins, in the order of the configuration. No verdict
    waits for it, but what wants to know may be asked about thousands of clients a second.

    Args:
        address: The client's address, folded.

    Returns:
        Short words, without spaces: ``country:DE``, ``AS64500``; one that somebody could take
        for another plugin's begins with what it is, and a colon. None and nothing mean: none known.

    If it raises, the plugin is named in the log and its words are left out. Example::

        @hookimpl
        def traits(self, address: Address) -> Iterable[str]:
            return ("customer:example",) if address in self.customers else ()
    """


@hookspec
def count_failures(failures: Sequence[Failure]) -> None:
    """Take failures that the sensor found, or a plugin in the engine (`Engine.count_failures`).

    Called in the engine, in the order of the configuration, for each batch that arrives.

    Args:
        failures: In the order in which they were found, successes (`Failure.weight` 0)
            among them.

    If it raises, the batch is lost for this plugin only, and the plugin is named in the log.
    Example::

        @hookimpl
        def count_failures(self, failures: Sequence[Failure]) -> None:
            for failure in failures:
                if not failure.weight:
                    continue
                self.engine.ban(Ban(IPv4Network(failure.address), "example", failure.time))
    """


@hookspec
def ban(ban: Ban) -> None:
    """Hear of a ban that is in force now, or was prolonged.

    Called in the engine for each ban, whoever made it, of all plugins, in the order of the
    configuration; not for those that a start finds in the store. Many bans may come within a
    second: what takes time is left to a greenlet.

    Args:
        ban: The ban.

    If it raises, the plugin is named in the log and the ban stands. Example::

        @hookimpl
        def ban(self, ban: Ban) -> None:
            self.queue.append(f"{ban.network} is out: {ban.reason}")
    """


@hookspec
def unban(ban: Ban) -> None:
    """Hear of a ban that has ended, by itself or because somebody lifted it.

    Called in the engine for each ban, of all plugins, in the order of the configuration.

    Args:
        ban: The ban that is over.

    If it raises, the plugin is named in the log. Example::

        @hookimpl
        def unban(self, ban: Ban) -> None:
            self.queue.append(f"{ban.network} may come again")
    """


@hookspec(firstresult=True)
def status(report: Json) -> Status | None:
    """Say how this plugin stands.

    Called in the engine when somebody wants to know (the API, Prometheus) and once a minute for
    the watchdog, of all plugins, in the order of the configuration.

    Args:
        report: What the plugin's half in the sensor last said (`report`); None if it said nothing
            or the sensor is being started again.

    Returns:
        The jails, sources, problems and numbers of this plugin; None if there is nothing to say.

    If it raises, the plugin is named in the log and left out. Example::

        @hookimpl
        def status(self, report: Json) -> Status:
            return Status(problems=["no line since Monday"])
    """


@hookspec(firstresult=True)
def examine(address: Address) -> Iterable[ClientCount] | None:
    """Tell what this plugin has counted of a client.

    Called in the engine when somebody asks about an address (``webfail2ban check``), of all
    plugins, in the order of the configuration. It computes for no more than a millisecond at a
    time (`Host.give_way`).

    Args:
        address: The client's, folded.

    Returns:
        What is counted now and hasn't led to a ban; None for nothing.

    If it raises, the plugin is named in the log and left out. Example::

        @hookimpl
        def examine(self, address: Address) -> Iterator[ClientCount]:
            tries = self.tries.get(address)
            if tries:
                yield ClientCount("example", str(address), tries.count, 5, tries.last)
    """


@hookspec(firstresult=True)
def act(action: str, arguments: Mapping[str, Json]) -> Json:
    """Do what an operator wants: ``POST /v1/plugins/{name}/actions/{action}``.

    Called in the engine, of the named plugin only, wherever it is in the order of the
    configuration. It may wait, and computes for no more than a millisecond at a time.

    Args:
        action: What to do, a word of the plugin's own.
        arguments: What the operator says, unchecked.

    Returns:
        What came of it, any JSON value; None if there is no such action.

    If it raises `webfail2ban.ActionError`, the operator gets its sentence; of anything else the log
    tells. Example::

        @hookimpl
        def act(self, action: str) -> Json:
            return {"entries": self.reread()} if action == "reread" else None
    """


@hookspec
def stop_engine() -> None:
    """End work in the engine: the last verdict has been given, or a reload's new plugins give them.

    Called once, in the engine, in the reverse order of the configuration. What `spawn` and
    `every` started is ended by itself. If it raises, the others are stopped all the same. Example::

        @hookimpl
        def stop_engine(self) -> None:
            self.database.close()
    """
