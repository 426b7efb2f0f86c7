"""Counts verdicts and how long they took, those of one write at once.

Half a million answers a second leave in a few thousand writes.
"""

from bisect import bisect_left

#: Upper bounds of the latency histogram's buckets, in seconds. HAProxy's ``timeout processing``
#: is 10 to 50 ms in practice: whatever comes later than that was of no use.
BOUNDS = (
    0.000025,
    0.00005,
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
)


class Tally:
    """What has been answered.

    Attributes:
        verdicts: Answers that carried a verdict.
        banned: Those of them that refused the client.
        latencies: Verdicts by the bucket of BOUNDS that their time falls into, the last for all
            that took longer.
        seconds: The sum of these times.
    """

    def __init__(self) -> None:
        self.verdicts = 0
        self.banned = 0
        self.latencies = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def add(self, verdicts: int, banned: int, seconds: float) -> None:
        """Count verdicts that leave in one write.

        Args:
            verdicts: How many.
            banned: How many of them refuse the client.
            seconds: How long ago the first of the questions was read.
        """
        self.verdicts += verdicts
        self.banned += banned
        self.latencies[bisect_left(BOUNDS, seconds)] += verdicts
        self.seconds += seconds * verdicts
