"""The log source ``journald``: follows the systemd journal.

matches     which entries are meant, in the words of journalctl and of fail2ban's ``journalmatch``
settings    the section of the configuration
checks      what is wrong with it on this machine: no program, no journal, no permission
position    where the journal stands, as a value to keep
command     the command line of journalctl
child       journalctl as a child process
export      what it writes: bytes into entries
line        entries into log lines
reader      reading from where it stood, also when the child ends
source      the plugin
"""

from webfail2ban_journald.settings import JournaldSettings
from webfail2ban_journald.source import Journald

__all__ = ["Journald", "JournaldSettings"]
