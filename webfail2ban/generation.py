"""The plugins of one configuration at work in the engine; a reload brings the next generation.

Everything that is asked of plugins is found here, so that putting the next generation in place is
one assignment: no verdict sees half of each.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from gevent.pool import Group

from webfail2ban.addresses import Address
from webfail2ban.config import EngineSettings, VerdictSettings
from webfail2ban.hosting.isolation import FAULTS, Isolation
from webfail2ban.hosting.lifecycle import Lifecycle
from webfail2ban.hosting.loader import Plugins
from webfail2ban.model import Query, Stance
from webfail2ban.verdicts.chain import Chain
from webfail2ban.verdicts.scoring import Scoring

#: Seconds for plugins' greenlets to end once they are killed: one may hold on to itself.
KILLED = 0.5

#: The hooks by which plugins hear of something.
TOLD = ("count_failures", "ban", "unban")


def make_scoring(settings: VerdictSettings) -> Scoring:
    """Return how opinions are to add up."""
    return Scoring(
        settings.score_threshold,
        settings.max_score,
        settings.weights,
        settings.ban_scores,
        of_allowed=settings.score_allowed,
    )


class Generation:
    """The plugins of one configuration.

    Args:
        settings: The engine's sections.
        plugins: The loaded plugins, configured.
        isolation: Takes their failures.
        heard: Counts their opinions by plugin and stance.

    Attributes:
        plugins: As above.
        greenlets: What they started; it ends with them.
        chain: Gives verdicts.
    """

    def __init__(
        self,
        settings: EngineSettings,
        plugins: Plugins,
        isolation: Isolation,
        heard: Counter[tuple[str, Stance]],
    ) -> None:
        self.plugins = plugins
        self.greenlets = Group()
        self.chain = Chain(
            plugins,
            isolation,
            scoring=make_scoring(settings.verdict),
            timeout=settings.verdict.timeout,
            heard=heard,
        )
        self._knowers = plugins.implementers("traits")
        self._observers = plugins.implementers("observe")
        self._listeners = {hook: plugins.implementers(hook) for hook in TOLD}
        self._isolation = isolation
        self._lifecycle = Lifecycle(plugins, isolation, "engine")

    def start(self, make_host: Callable[[str], object]) -> None:
        """Start the plugins' part in the engine.

        Args:
            make_host: Gives a plugin, by its name, what it may ask of the engine.

        Raises:
            PluginError: one can't start; those before it wait to be stopped.
        """
        self._lifecycle.start(make_host)

    def take_over(self, predecessor: "Generation") -> None:
        """Let each plugin take over from the one of the same name."""
        before = {plugin.name: plugin.implementation for plugin in predecessor.plugins}
        for name, take_over in self.plugins.implementers("take_over"):
            if name in before:
                try:
                    take_over(predecessor=before[name])
                except FAULTS as error:
                    self._isolation.failed(name, "take_over", error)

    def tell(self, hook: str, argument: str, values: Sequence[object]) -> None:
        """Tell the plugins of things that have come together; a call that fails fails alone.

        Args:
            hook: One of `TOLD`.
            argument: The name of its argument.
            values: What that is, in one call after the other.
        """
        for name, listener in self._listeners[hook]:
            began = self._isolation.holdups.begin()
            for value in values:
                try:
                    listener(**{argument: value})
                except FAULTS as error:
                    self._isolation.failed(name, hook, error)
            self._isolation.holdups.end(began, name, hook)

    def observe(self, query: Query) -> bool:
        """Let the plugins take note of a message; return whether one of them did."""
        for name, observe in self._observers:
            try:
                if observe(query=query):
                    return True
            except FAULTS as error:
                self._isolation.failed(name, "observe", error)
        return False

    def traits(self, address: Address) -> frozenset[str]:
        """Return what the plugins say of where a client belongs, in small letters."""
        found: set[str] = set()
        for name, ask in self._knowers:
            try:
                found.update(trait.casefold() for trait in ask(address=address) or ())
            except FAULTS as error:
                self._isolation.failed(name, "traits", error)
        return frozenset(found)

    def stop(self, grace: float | None = None) -> None:
        """Stop the plugins, the last first, and end what they started.

        Args:
            grace: Seconds that their stops may wait for something; None for no limit.
        """
        self.greenlets.kill(timeout=KILLED)
        self._lifecycle.stop(grace)
