"""The authors' guide has every hook, as the hookspecs have it."""

import re

from docs import hook_reference
from webfail2ban.hooks import hookspecs

GUIDE = hook_reference.GUIDE.read_text("utf-8")


def test_the_reference_is_what_the_hookspecs_say() -> None:
    """Otherwise: python docs/hook_reference.py."""
    assert hook_reference.insert(GUIDE, hook_reference.render()) == GUIDE


def test_the_reference_has_every_hook() -> None:
    """With its arguments and an example."""
    names = [name for name, spec in vars(hookspecs).items() if hasattr(spec, "webfail2ban_spec")]
    assert sorted(names) == sorted(re.findall(r"^### `(\w+)`$", GUIDE, re.MULTILINE))
