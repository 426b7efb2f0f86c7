"""The records of each network, found by any address in it.

A hash table in columns, which grows by one bucket for each record (W. Litwin, "Linear hashing",
VLDB 1980): a dictionary costs a hundred bytes more for each network, and holds up all verdicts
while it doubles. A look-up visits one bucket for each prefix length in use: in practice one to
four.
"""

from array import array
from collections import Counter
from ipaddress import IPv4Address
from itertools import repeat
from secrets import randbits

from webfail2ban.addresses import Address, bits_of
from webfail2ban.bans.families import FAMILIES, IPV6_FAMILIES, host_bits
from webfail2ban.bans.records import HALF, HALF_MASK, NONE, Records

#: Buckets that are split at once: some twenty microseconds.
STEP = 32


class Index:
    """Records by network and jail.

    Args:
        records: The columns.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        # Without it a client could choose addresses that share a bucket. It wouldn't help if keys
        # were hashed whole: Python's hash of a large number is its remainder, salted or not.
        self._salt = randbits(60)
        self._size = 0
        # The first record of each bucket; the others follow in the column `next`.
        self._firsts = array("i", [NONE, NONE])
        self._mask = 1  # half of the buckets, rounded up to a power of two, less one ...
        self._split = 0  # ... of which this many have been split in two
        self._uses = array("Q", [0] * FAMILIES)  # how many records of each family
        # Families in use, with their host bits, the longest prefix first.
        self._ipv4: list[tuple[int, int]] = []
        self._ipv6: list[tuple[int, int]] = []

    def chain(self, family: int, key: int) -> list[int]:
        """Return the records of exactly this network, in the order of their first bans."""
        records = self._records
        numbers, following = records.number, records.next
        chain: list[int] = []
        number = hash((self._salt, family, key & HALF_MASK, key >> HALF))
        # As in `_bucket_of`, without the call: each failure and each verdict comes here.
        bucket = number & self._mask
        if bucket < self._split:
            bucket = number & (self._mask << 1 | 1)
        record = self._firsts[bucket]
        while record != NONE:
            if numbers[record] == number and records.is_at(record, family, key):
                chain.append(record)
            record = following[record]
        return chain

    def covering(self, address: Address) -> list[int]:
        """Return the records of each network that holds an address, the narrowest first."""
        bits = bits_of(address)
        families = self._ipv4 if isinstance(address, IPv4Address) else self._ipv6
        covering: list[int] = []
        for rest, family in families:
            covering += self.chain(family, bits >> rest)
        return covering

    def get(self, family: int, key: int, jail: int) -> int:
        """Return the record of a network and jail, NONE if there is none."""
        jails = self._records.jail
        for record in self.chain(family, key):
            if jails[record] == jail:
                return record
        return NONE

    def take(self, family: int, key: int, jail: int) -> tuple[int, bool]:
        """Return the record of a network and jail, and whether it had to be made.

        Of one that was made the caller fills in the other columns.
        """
        records = self._records
        numbers, following = records.number, records.next
        number = hash((self._salt, family, key & HALF_MASK, key >> HALF))
        bucket = number & self._mask
        if bucket < self._split:
            bucket = number & (self._mask << 1 | 1)
        last, record = NONE, self._firsts[bucket]
        while record != NONE:
            if (
                numbers[record] == number
                and records.jail[record] == jail
                and records.is_at(record, family, key)
            ):
                return record, False
            last, record = record, following[record]
        record = records.make(number, family, key, jail)
        if last == NONE:
            self._firsts[bucket] = record
        else:
            following[last] = record
        self._size += 1
        if self._size > len(self._firsts):
            self._grow(STEP)
        self._uses[family] += 1
        if self._uses[family] == 1:
            self._note_uses()
        return record, True

    def add_all(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Take in the records from one number to before another, which were made elsewhere.

        Returns:
            Those that have a twin here, a record of the same network and jail, each with its
            twin. They weren't taken in.
        """
        records = self._records
        self._reserve(end - begin)
        # Without calls and attributes in the loop: it runs a million times at a start.
        firsts, mask, split = self._firsts, self._mask, self._split
        wide = mask << 1 | 1
        columns = (column[begin:end] for column in (records.family, records.low, records.high))
        networks = zip(repeat(self._salt), *columns, strict=False)
        numbers = array("q", map(hash, networks))
        records.number[begin:end] = numbers
        twins: list[tuple[int, int]] = []
        for record, number in enumerate(numbers, begin):
            bucket = number & mask
            if bucket < split:
                bucket = number & wide
            if firsts[bucket] == NONE:
                firsts[bucket] = record
                continue
            twin = self._hang_unless_twin(bucket, record)
            if twin != NONE:
                twins.append((record, twin))
        self._size += end - begin - len(twins)
        for family, uses in Counter(records.family[begin:end]).items():
            self._uses[family] += uses
        for record, _ in twins:
            self._uses[records.family[record]] -= 1
        self._note_uses()
        return twins

    def drop(self, record: int) -> None:
        """Take a record out, and give it back."""
        following = self._records.next
        family = self._records.family[record]
        bucket = self._bucket_of(record)
        previous = self._firsts[bucket]
        if previous == record:
            self._firsts[bucket] = following[record]
        else:
            while following[previous] != record:
                previous = following[previous]
            following[previous] = following[record]
        self._records.free(record)
        self._size -= 1
        self._uses[family] -= 1
        if not self._uses[family]:
            self._note_uses()

    def _bucket_of(self, record: int) -> int:
        number = self._records.number[record]
        bucket = number & self._mask
        return bucket if bucket >= self._split else number & (self._mask << 1 | 1)

    def _hang_unless_twin(self, bucket: int, record: int) -> int:
        """Put a record at the end of a chain that isn't empty, or return its twin, else NONE."""
        records = self._records
        following, numbers, jail = records.next, records.number, records.jail
        other = last = self._firsts[bucket]
        while other != NONE:
            if (
                numbers[other] == numbers[record]
                and jail[other] == jail[record]
                and records.is_at(other, records.family[record], records.key(record))
            ):
                return other
            last = other
            other = following[other]
        following[last] = record
        return NONE

    def _reserve(self, size: int) -> None:
        """Make as many buckets as so many more records need."""
        buckets = self._size + size
        if self._size:
            while len(self._firsts) < buckets:
                self._grow(buckets - len(self._firsts))
        elif len(self._firsts) < buckets:
            self._firsts = array("i", [NONE]) * buckets
            self._mask = (1 << (buckets.bit_length() - 1)) - 1
            self._split = buckets - self._mask - 1

    def _grow(self, buckets: int) -> None:
        """Split so many buckets in two, or all up to the next power of two."""
        firsts, numbers, following = self._firsts, self._records.number, self._records.next
        wide = self._mask << 1 | 1
        begin = self._split
        end = min(begin + buckets, self._mask + 1)
        for old in range(begin, end):
            record = firsts[old]
            if record == NONE:
                firsts.append(NONE)
            elif following[record] != NONE:
                firsts.append(self._split_chain(old, wide))
            elif numbers[record] & wide == old:
                firsts.append(NONE)
            else:
                firsts[old] = NONE
                firsts.append(record)
        self._split = end
        if end > self._mask:
            self._mask = wide
            self._split = 0

    def _split_chain(self, old: int, wide: int) -> int:
        """Leave in a bucket what stays there; return the first record of the rest, in its order."""
        firsts, numbers, following = self._firsts, self._records.number, self._records.next
        record, first = firsts[old], NONE
        firsts[old] = NONE
        last_old = last_new = NONE
        while record != NONE:
            if numbers[record] & wide == old:
                if last_old == NONE:
                    firsts[old] = record
                else:
                    following[last_old] = record
                last_old = record
            else:
                if last_new == NONE:
                    first = record
                else:
                    following[last_new] = record
                last_new = record
            record = following[record]
        for last in (last_old, last_new):
            if last != NONE:
                following[last] = NONE
        return first

    def _note_uses(self) -> None:
        used = sorted((host_bits(family), family) for family, uses in enumerate(self._uses) if uses)
        self._ipv4 = [pair for pair in used if pair[1] < IPV6_FAMILIES]
        self._ipv6 = [pair for pair in used if pair[1] >= IPV6_FAMILIES]
