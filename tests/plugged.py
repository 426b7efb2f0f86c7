"""Plugins that stand in the test itself, registered as the loader registers those that it finds."""

import pluggy

from webfail2ban.hooks import hookspecs
from webfail2ban.hosting.loader import Plugin, Plugins


def plugged(**implementations: object) -> Plugins:
    """Return plugins, in the order of the arguments."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    plugins = []
    for name, implementation in implementations.items():
        manager.register(implementation, name)
        manager.check_pending()
        hooks = tuple(caller.name for caller in manager.get_hookcallers(implementation) or ())
        model = getattr(implementation, "Settings", None)
        plugins.append(Plugin(name, "the test", implementation, model, hooks))
    return Plugins(manager, plugins)
