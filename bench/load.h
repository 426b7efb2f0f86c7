/* What load generators share: the clock, what went wrong, the options, and the report. */
#ifndef LOAD_H
#define LOAD_H

#include "endpoint.h"
#include "histogram.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_CONNECTIONS = 256,
    SILENCE_MS = 5000, /* a server that says nothing for so long has lost an answer */
    DRAIN_MS = 1000,   /* for the last answers, once nothing more is asked */
};

static const char *program;
static struct histogram latencies;
static unsigned connection_count = 4, outstanding = 1;
static double seconds = 3, warm_up = 1;
static uint64_t unanswered, wrong, errors, sends, asked;
static bool asking = true;

static inline uint64_t nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Says the first few errors in words: the same fault in each of a million answers is one fault. */
static inline void complain(const char *what)
{
    if (errors++ < 5)
        fprintf(stderr, "%s: %s\n", program, what);
}

/* A number option within its bounds; anything else ends the program with a sentence. */
static inline double number(const char *option, const char *text, double least, double most)
{
    char *end;
    double value = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || value < least || value > most)
        refuse(option, text);
    return value;
}

/* Reads the options that all generators have; false if it is none of them. */
static inline bool load_option(int option, const char *text, unsigned most_outstanding)
{
    switch (option) {
    case 'c':
        connection_count = (unsigned)number("connections", text, 1, MAX_CONNECTIONS);
        return true;
    case 'k':
        outstanding = (unsigned)number("outstanding", text, 1, most_outstanding);
        return true;
    case 'd':
        seconds = number("seconds", text, 0.01, 86400);
        return true;
    case 'w':
        warm_up = number("seconds of warm-up", text, 0, 86400);
        return true;
    default:
        return false;
    }
}

static inline void report(uint64_t answers, double measured, double cpu_seconds, bool pipelining)
{
    printf("{\"rate\": %.0f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, "
           "\"max_us\": %.1f, \"answers\": %llu, \"wrong\": %llu, \"errors\": %llu, "
           "\"lost\": %llu, \"seconds\": %.3f, \"cpu_seconds\": %.3f, "
           "\"notifies_per_send\": %.1f, \"pipelining\": %s}\n",
           (double)answers / measured, (double)histogram_quantile(&latencies, 0.5) / 1e3,
           (double)histogram_quantile(&latencies, 0.99) / 1e3,
           (double)histogram_quantile(&latencies, 0.999) / 1e3, (double)latencies.largest / 1e3,
           (unsigned long long)answers, (unsigned long long)wrong, (unsigned long long)errors,
           (unsigned long long)unanswered, measured, cpu_seconds,
           sends ? (double)asked / (double)sends : 0, pipelining ? "true" : "false");
}

/* Warms up, measures, waits for the last answers, and reports; returns the exit status.
 *
 * `drive` takes answers until the deadline (nanoseconds), or until none is to be expected. */
static inline int load_measure(void (*drive)(int poll, uint64_t deadline), int poll, bool pipelining)
{
    drive(poll, nanoseconds(CLOCK_MONOTONIC) + (uint64_t)(warm_up * 1e9));
    memset(&latencies, 0, sizeof latencies);
    asked = sends = 0;
    uint64_t began = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    drive(poll, began + (uint64_t)(seconds * 1e9));
    double measured = (double)(nanoseconds(CLOCK_MONOTONIC) - began) / 1e9;
    double cpu_seconds = (double)(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / 1e9;
    uint64_t answers = latencies.count;

    asking = false;
    drive(poll, nanoseconds(CLOCK_MONOTONIC) + DRAIN_MS * 1000000ull);
    report(answers, measured, cpu_seconds, pipelining);
    return wrong > 0 || errors > 0 || unanswered > 0;
}

#endif
