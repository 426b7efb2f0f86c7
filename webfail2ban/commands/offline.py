"""The verdict that the configuration alone gives, without a running engine."""

import logging
import time
from pathlib import Path

from webfail2ban.addresses import Address
from webfail2ban.commands.loading import load_with_warnings
from webfail2ban.engine import Engine
from webfail2ban.model import Verdict
from webfail2ban.plugin_settings import configure
from webfail2ban.queries import make_query


def judge_offline(config_path: Path | None, address: Address) -> Verdict:
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
    verdict = engine.judge(make_query("check-ip", (("ip", address),)))
    engine.stop()
    return verdict
