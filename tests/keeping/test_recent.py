from ipaddress import ip_network

from webfail2ban.keeping.recent import RecentLines
from webfail2ban.store import ban_key

KEYS = [ban_key(ip_network(number), "sshd") for number in range(4)]


def test_the_last_bans_lines_are_known() -> None:
    """The oldest are forgotten first; a ban that comes again is a new one."""
    recent = RecentLines(limit=2)
    recent.add(KEYS[0], ["a"])
    recent.add(KEYS[1], ["b"])
    recent.add(KEYS[0], ["c"])
    recent.add(KEYS[2], ["d"])
    assert [recent.find(key) for key in KEYS] == [("c",), (), ("d",), ()]
