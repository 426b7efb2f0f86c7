"""The plugin ``blocklist``: lists of addresses that others have found to be bad.

Each list comes from a file or a server, is looked through for what must never be banned, and is
kept on the disk, so that a start without network has the last good one. A process of its own
downloads and reads it; the engine only looks addresses up.
"""

from webfail2ban_blocklist.blocklist import Blocklist
from webfail2ban_blocklist.settings import BlocklistSettings, FeedSettings

__all__ = ["Blocklist", "BlocklistSettings", "FeedSettings"]
