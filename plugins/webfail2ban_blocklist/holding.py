"""When a new list is held: what nobody expects is more likely a mistake, or an attack."""

from webfail2ban_blocklist.listfile import ListInfo

#: So many times as much is too much.
GROWTH = 10

#: So small a part is as good as nothing: a page that says "try later" can hold an address, too.
REMNANT = 100

#: Addresses in a /8. A list that covers fewer does no great harm by covering more.
MANY = 1 << 24


def find_reason_to_hold(old: ListInfo, new: ListInfo) -> str | None:
    """Say why a new list must not replace an old one by itself; None if it may."""
    if not old.entries:
        return None
    if not new.entries:
        return f"it has no entries any more, after {old.entries:,}"
    if new.entries * REMNANT < old.entries:
        return f"it shrank from {old.entries:,} entries to {new.entries:,}"
    if new.entries >= old.entries * GROWTH:
        return f"it grew from {old.entries:,} entries to {new.entries:,}"
    if new.ipv4 >= max(old.ipv4 * GROWTH, MANY):
        return f"it grew from {old.ipv4:,} IPv4 addresses to {new.ipv4:,}"
    return None
