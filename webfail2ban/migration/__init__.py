"""From other programs' configurations to one of ours: what is meant, and what had to be left out.

Each program's reader makes a `Draft`, which `render` writes as a configuration file for people:
settings, and above them in comments what they don't say.
"""

from webfail2ban.migration.draft import Draft, Section
from webfail2ban.migration.fail2ban import draft_fail2ban
from webfail2ban.migration.kinds import Kind, guess_kind
from webfail2ban.migration.predecessor import draft_predecessor
from webfail2ban.migration.rendering import render

__all__ = [
    "Draft",
    "Kind",
    "Section",
    "draft_fail2ban",
    "draft_predecessor",
    "guess_kind",
    "render",
]
