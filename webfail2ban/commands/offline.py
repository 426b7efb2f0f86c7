"""The verdict that the configuration alone gives, without a running engine."""

import logging
import time
from pathlib import Path

from webfail2ban.addresses import Address
from webfail2ban.commands.loading import load_with_warnings
from webfail2ban.control import Control, Examination
from webfail2ban.engine import Engine
from webfail2ban.hosting.settings import configure
from webfail2ban.reload.result import ReloadResult


def examine_offline(config_path: Path | None, address: Address) -> Examination:
    """Load the configuration with its plugins, and ask them about an address.

    Args:
        config_path: The file that the command line names; None to look in the usual places.
        address: Whom to ask about; nobody is banned yet.
    """
    configuration, plugins = load_with_warnings(config_path)
    logging.basicConfig(level="ERROR")
    configure(plugins, configuration)
    engine = Engine(configuration.engine, plugins, time.time)
    engine.start()
    found = Control(engine, _reload_nothing).check(address)
    engine.stop()
    return found


def _reload_nothing() -> ReloadResult:
    return ReloadResult.failed("nothing runs")
