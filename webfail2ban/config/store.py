"""The section ``store``: what lasts beyond the end of the program, and where."""

from pathlib import Path

from pydantic import Field

from webfail2ban.config.durations import Duration
from webfail2ban.config.fields import LocalPath
from webfail2ban.config.settings import Settings


class StoreSettings(Settings):
    """Where bans, counts and positions in logs are kept."""

    enabled: bool = Field(
        default=True,
        description="Whether to keep anything. If not, a restart begins with nothing.",
    )
    path: LocalPath = Field(
        default=Path("/var/lib/webfail2ban/webfail2ban.sqlite3"),
        description="The database's file. Its directory is made if it isn't there.",
    )
    purge_age: Duration = Field(
        default=86_400.0,
        gt=0,
        description="How long a ban that has ended is remembered. Whoever comes again within this "
        "time can be banned for longer.",
    )
