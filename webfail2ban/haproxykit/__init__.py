"""The shipped HAProxy configurations, with names, addresses and times of our own configuration.

There is one text of each scenario: the file in ``haproxy/``, which the tests drive with real
traffic. What is written for an operator is that file, moved.
"""

from webfail2ban.haproxykit.files import Written, write_scenario
from webfail2ban.haproxykit.kit import Kit, find_kit
from webfail2ban.haproxykit.names import Names, name_agent

__all__ = ["Kit", "Names", "Written", "find_kit", "name_agent", "write_scenario"]
