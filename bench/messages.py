"""What a sensor would send of a flood: each failure is of another address."""

import time
from ipaddress import IPv4Address
from pathlib import Path

from webfail2ban.drafts import make_failure
from webfail2ban.model import Failure
from webfail2ban.sensor.channel import dump, pack_failure

#: The first address that fails; the generator's clients are others.
FIRST = IPv4Address("100.64.0.0")

#: Coprime to the number of addresses, so that neighbours don't come one after the other.
STEP = 2_654_435_761

#: Failures of one message, as of a block of lines.
BLOCK = 100


def write_messages(path: Path, count: int) -> None:
    """Write what a sensor would send of so many failures."""
    with path.open("w", encoding="ascii") as file:
        for begin in range(0, count, BLOCK):
            failures = [pack_failure(fail(number)) for number in range(begin, begin + BLOCK)]
            file.write(dump({"failures": failures, "positions": {"flood": begin}}) + "\n")


def fail(number: int) -> Failure:
    """Return a failure as the sensor's pipe brings it."""
    address = IPv4Address(int(FIRST) + number * STEP % 2**26)
    text = f"Nov 21 10:00:00 mail dovecot: auth failed, method=PLAIN, rip={address}"
    return make_failure("flood", address, time.time(), 1, (text,), {"user": "info"})
