"""Lists of bans as other programs read and write them, one piece after the other.

Three formats: JSON lines, which lose nothing; what ``fail2ban-client banned`` prints, which has
jails and addresses; and plain lists, which have addresses only. Besides them fail2ban's database,
which can't be read piece by piece.
"""

from webfail2ban.banlists.database import Census, read_database
from webfail2ban.banlists.reading import Defaults, Fault, read_bans
from webfail2ban.banlists.writing import BanWriter, describe, writer

__all__ = [
    "BanWriter",
    "Census",
    "Defaults",
    "Fault",
    "describe",
    "read_bans",
    "read_database",
    "writer",
]
