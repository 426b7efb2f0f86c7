"""The records of each network, found by any address in it.

A hash table in columns, which grows by one bucket for each record (W. Litwin, "Linear hashing",
VLDB 1980): a dictionary costs a hundred bytes more for each network, and holds up all verdicts
while it doubles. A look-up visits one bucket for each prefix length in use: in practice one to
four.
"""

from array import array
from collections import Counter
from ipaddress import IPv4Address
from secrets import randbits

from webfail2ban.addresses import Address
from webfail2ban.bans.families import FAMILIES, IPV6_FAMILIES, host_bits
from webfail2ban.bans.records import HALF, HALF_MASK, NONE, Records


class Index:
    """Records by network and jail.

    Args:
        records: The columns.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._salt = randbits(60)  # or a client could choose addresses that share a bucket
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
        low, high = key & HALF_MASK, key >> HALF
        chain: list[int] = []
        # `_bucket` without the call: each failure and each verdict comes here.
        number = hash((self._salt, family, low, high))
        bucket = number & self._mask
        if bucket < self._split:
            bucket = number & (self._mask << 1 | 1)
        record = self._firsts[bucket]
        while record != NONE:
            if (
                records.low[record] == low
                and records.family[record] == family
                and records.high[record] == high
            ):
                chain.append(record)
            record = records.next[record]
        return chain

    def covering(self, address: Address) -> list[int]:
        """Return the records of each network that holds an address, the narrowest first."""
        bits = int(address)
        covering: list[int] = []
        for rest, family in self._ipv4 if isinstance(address, IPv4Address) else self._ipv6:
            covering += self.chain(family, bits >> rest)
        return covering

    def get(self, family: int, key: int, jail: int) -> int:
        """Return the record of a network and jail, NONE if there is none."""
        records = self._records
        low, high = key & HALF_MASK, key >> HALF
        record = self._firsts[self._bucket(family, low, high)]
        while record != NONE and not (
            records.low[record] == low
            and records.jail[record] == jail
            and records.family[record] == family
            and records.high[record] == high
        ):
            record = records.next[record]
        return record

    def make(self, family: int, key: int, jail: int) -> int:
        """Return a record for a network and jail that have none; the caller fills it in."""
        record = self._records.make(family, key, jail)
        self._hang(self._bucket(family, key & HALF_MASK, key >> HALF), record)
        self._size += 1
        if self._size > len(self._firsts):
            self._grow()
        self._uses[family] += 1
        if self._uses[family] == 1:
            self._note_uses()
        return record

    def add_all(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Take in the records from one number to before another, which were made elsewhere.

        Returns:
            Those that have a twin here, a record of the same network and jail, each with its
            twin. They weren't taken in.
        """
        records = self._records
        self._reserve(end - begin)
        # Without calls and attributes in the loop: it runs a million times at a start.
        firsts, mask, split, salt = self._firsts, self._mask, self._split, self._salt
        wide = mask << 1 | 1
        networks = zip(
            records.family[begin:end], records.low[begin:end], records.high[begin:end], strict=True
        )
        twins: list[tuple[int, int]] = []
        for record, (family, low, high) in enumerate(networks, begin):
            number = hash((salt, family, low, high))
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
        records = self._records
        return self._bucket(records.family[record], records.low[record], records.high[record])

    def _bucket(self, family: int, low: int, high: int) -> int:
        number = hash((self._salt, family, low, high))
        bucket = number & self._mask
        return bucket if bucket >= self._split else number & (self._mask << 1 | 1)

    def _hang(self, bucket: int, record: int) -> None:
        """Put a record at the end of a bucket's chain."""
        following = self._records.next
        following[record] = NONE
        last = self._firsts[bucket]
        if last == NONE:
            self._firsts[bucket] = record
            return
        while following[last] != NONE:
            last = following[last]
        following[last] = record

    def _hang_unless_twin(self, bucket: int, record: int) -> int:
        """Put a record at the end of a chain that isn't empty, or return its twin, else NONE."""
        records = self._records
        following, low, jail = records.next, records.low, records.jail
        other = last = self._firsts[bucket]
        while other != NONE:
            if (
                low[other] == low[record]
                and jail[other] == jail[record]
                and records.family[other] == records.family[record]
                and records.high[other] == records.high[record]
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
                self._grow()
        elif len(self._firsts) < buckets:
            self._firsts = array("i", [NONE]) * buckets
            self._mask = (1 << (buckets.bit_length() - 1)) - 1
            self._split = buckets - self._mask - 1

    def _grow(self) -> None:
        """Split the next bucket in two; the orders in the chains stay."""
        bucket = self._split
        record = self._firsts[bucket]
        self._firsts[bucket] = NONE
        self._firsts.append(NONE)
        self._split += 1
        if self._split > self._mask:
            self._mask = self._mask << 1 | 1
            self._split = 0
        while record != NONE:
            following = self._records.next[record]
            self._hang(self._bucket_of(record), record)
            record = following

    def _note_uses(self) -> None:
        used = sorted((host_bits(family), family) for family, uses in enumerate(self._uses) if uses)
        self._ipv4 = [pair for pair in used if pair[1] < IPV6_FAMILIES]
        self._ipv6 = [pair for pair in used if pair[1] >= IPV6_FAMILIES]
