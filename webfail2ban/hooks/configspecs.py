"""The hooks about a plugin's settings: the first that are called of it."""

from collections.abc import Iterable
from typing import Any

from webfail2ban.config import EngineSettings
from webfail2ban.hooks.markers import hookspec
from webfail2ban.hooks.offers import Offer, Offers
from webfail2ban.model import SettingsProblem


@hookspec
def configure(settings: Any, engine_settings: EngineSettings) -> None:
    """Take the settings, checked against the plugin's own model.

    Called once in each process before any hook but `check_settings`, in the order of the
    configuration, and by commands that look at the configuration only.

    Args:
        settings: An instance of the plugin's ``Settings``; None if it has none.
        engine_settings: The engine's own sections.

    If it raises, the program doesn't start. Example::

        @hookimpl
        def configure(self, settings: MySettings) -> None:
            self.path = settings.path
    """


@hookspec(firstresult=True)
def offer(settings: Any) -> Offer | None:
    """Say what this plugin has that the settings of other plugins may name.

    Called before `check_settings`, by ``webfail2ban check-config`` and, at each start, in the
    sensor, of all plugins whose settings are well-formed, in the order of the configuration.

    Args:
        settings: An instance of the plugin's ``Settings``; None if it has none.

    Returns:
        The jails in use, and how the words begin that it says of clients (the hook `traits`). None
        if it doesn't tell: nothing that others name is then taken for misspelt.

    If it raises, the plugin is named in the log and taken for one that doesn't tell. Example::

        @hookimpl
        def offer(self, settings: MySettings) -> Offer:
            return Offer(traits=frozenset({"customer:"}))
    """


@hookspec(firstresult=True)
def check_settings(
    settings: Any, engine_settings: EngineSettings, again: bool, offers: Offers
) -> Iterable[SettingsProblem] | None:
    """Find what is wrong with settings that are well-formed, where finding out is slow.

    Called by ``webfail2ban check-config`` and, at each start, in the sensor before `configure`,
    in the order of the configuration. Files that must exist and expressions that must compile are
    looked at here.

    ``check-config`` asks although something else is wrong, so that one round shows everything:
    the engine's sections may then be defaults, and of a section that is a mapping of names
    (a ``RootModel``) only what is right is there.

    Args:
        settings: An instance of the plugin's ``Settings``; None if it has none.
        engine_settings: The engine's own sections.
        again: Whether the plugin was asked before, in a sensor that has ended: its warnings were
            said then, so what takes long and could only yield warnings may be left out.
        offers: What all plugins have that these settings may name (the hook `offer`).

    Returns:
        All problems, each with its path in the plugin's section; None and nothing mean: fine.
        With a problem that is a ``warning`` the program starts, and logs it.

    If it raises, that is reported as the one problem. Example::

        @hookimpl
        def check_settings(self, settings: MySettings) -> Iterator[SettingsProblem]:
            if not settings.path.exists():
                yield SettingsProblem(("path",), f"{settings.path} is not there")
    """
