"""What ``webfail2ban check-config`` would say of a configuration."""

import json
from collections.abc import Mapping
from functools import partial

from webfail2ban.config import Document, examine, parse
from webfail2ban.hosting.discovery import Candidate, discover
from webfail2ban.hosting.loader import Plugins, load
from webfail2ban.hosting.settings import Judgement, judge
from webfail2ban.model import Json

#: What the file is called in problems.
FILE = "config.yaml"


def check_config(written: str | Mapping[str, Json], **plugins: object) -> Judgement:
    """Find what is wrong with a configuration, and what is only worth a warning.

    Args:
        written: The configuration: the text of the file, or what it holds. Without ``plugins`` it
            loads those under test, in their order.
        **plugins: The plugins under test by their names: what an entry point would name.

    Returns:
        Both, as `webfail2ban check-config` has them: each has a ``message``, and as its ``key`` the
        setting; of a text a ``line``, too.

    Raises:
        PluginError: a plugin can't be loaded.
    """
    if not isinstance(written, str):
        written = json.dumps({"plugins": [*plugins], **written}, default=str)  # JSON is YAML
    document = parse(written, FILE)
    loaded = load_under_test(document, plugins)
    return judge(loaded, examine(document, loaded.models))


def load_under_test(document: Document, plugins: Mapping[str, object]) -> Plugins:
    """Load what a configuration names, the plugins under test among them.

    Raises:
        PluginError: one can't be loaded.
    """
    candidates, problems = discover(document.plugin_dirs)
    for name, plugin in plugins.items():
        candidates[name] = [Candidate(name, "the test", partial(_give, plugin))]
    return load(document.plugins, document.plugin_dirs, (candidates, problems))


def _give(plugin: object) -> object:
    return plugin
