"""The configuration and its plugins, as commands load them."""

import os
from pathlib import Path

from webfail2ban.commands.warning import warn
from webfail2ban.config import Configuration, Examined, examine, find, read
from webfail2ban.hosting.discovery import discover
from webfail2ban.hosting.loader import Plugins, load


def load_configuration(config_path: Path | None) -> tuple[Configuration, Plugins]:
    """Find, read and check the configuration and load the plugins that it names.

    Args:
        config_path: The file that the command line names; None to look in the usual places.

    Raises:
        ConfigurationError: something is wrong with what is written.
        PluginError: a plugin can't be loaded.
    """
    examined, plugins = examine_configuration(config_path)
    return examined.trust(), plugins


def examine_configuration(config_path: Path | None) -> tuple[Examined, Plugins]:
    """Do what `load_configuration` does, and keep what is sound beside what isn't.

    Raises:
        ConfigurationError: nothing of it can be checked.
        PluginError: a plugin can't be loaded.
    """
    document = read(find(config_path, os.environ, Path()), os.environ)
    plugins = load(document.plugins, document.plugin_dirs)
    installable, _ = discover(document.plugin_dirs)
    return examine(document, plugins.models, installable), plugins


def load_with_warnings(config_path: Path | None) -> tuple[Configuration, Plugins]:
    """Do what `load_configuration` does, and say what is probably not meant as it is written."""
    configuration, plugins = load_configuration(config_path)
    warn(map(str, configuration.warnings))
    return configuration, plugins
