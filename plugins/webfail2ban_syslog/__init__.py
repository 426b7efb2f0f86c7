"""The log source ``syslog``: receives log lines over UDP, TCP and a unix socket.

Mail servers, web applications and HAProxy itself send their logs here. Each message becomes one
line ``host program[pid]: message``, which is what fail2ban's filters expect from the journal.
"""

from webfail2ban_syslog.settings import SyslogSettings
from webfail2ban_syslog.source import Syslog

__all__ = ["Syslog", "SyslogSettings"]
