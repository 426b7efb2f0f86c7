/* A histogram of durations with a bounded relative error, after the idea of HdrHistogram.
 *
 * Values below 128 ns have a bucket each; above, each power of two is cut into 64 buckets, so a
 * quantile is at most 1/64 (1.6 percent) above the truth. Recording is a shift and an increment,
 * which is why it can be done for every answer rather than for a sample of them.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_BITS = 6, HISTOGRAM_BUCKETS = (64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS };

struct histogram {
    uint64_t count, largest;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

static inline void histogram_add(struct histogram *histogram, uint64_t nanoseconds)
{
    int shift = 0;
    if (nanoseconds >> (HISTOGRAM_BITS + 1))
        shift = 63 - HISTOGRAM_BITS - __builtin_clzll(nanoseconds);
    histogram->buckets[((uint64_t)shift << HISTOGRAM_BITS) + (nanoseconds >> shift)]++;
    histogram->count++;
    if (nanoseconds > histogram->largest)
        histogram->largest = nanoseconds;
}

/* The upper end in nanoseconds of the bucket that holds the quantile; 0 of an empty histogram. */
static inline uint64_t histogram_quantile(const struct histogram *histogram, double quantile)
{
    uint64_t seen = 0, wanted = (uint64_t)((double)histogram->count * quantile);
    for (uint64_t bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        seen += histogram->buckets[bucket];
        if (seen <= wanted)
            continue;
        uint64_t shift = bucket >> HISTOGRAM_BITS;
        shift -= shift > 0; /* the first two groups both count single nanoseconds */
        uint64_t upper = ((bucket - (shift << HISTOGRAM_BITS) + 1) << shift) - 1;
        return upper < histogram->largest ? upper : histogram->largest;
    }
    return histogram->largest;
}

#endif
