/* SPOP as the benchmark needs it: varints, frames to send, ACKs to check.
 *
 * Follows doc/SPOE.txt of HAProxy, section 3. Every reader takes the end of what it may read and
 * returns NULL rather than read past it, so that a broken agent shows up as an error and not as a
 * crash of the benchmark.
 */
#ifndef SPOP_H
#define SPOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    SPOP_HAPROXY_HELLO = 1,
    SPOP_NOTIFY = 3,
    SPOP_AGENT_HELLO = 101,
    SPOP_AGENT_DISCONNECT = 102,
    SPOP_ACK = 103,
};

enum {
    SPOP_TYPE_NULL = 0,
    SPOP_TYPE_BOOL = 1,
    SPOP_TYPE_UINT32 = 3,
    SPOP_TYPE_UINT64 = 5,
    SPOP_TYPE_IPV4 = 6,
    SPOP_TYPE_IPV6 = 7,
    SPOP_TYPE_STRING = 8,
    SPOP_TYPE_BINARY = 9,
};

enum {
    SPOP_FIN = 1,
    SPOP_LENGTH = 4,            /* the big-endian length before each frame */
    SPOP_HEAD = SPOP_LENGTH + 5, /* length, type and flags: where the stream-id begins */
    SPOP_MAX_FRAME = 16380,     /* what HAProxy announces: tune.bufsize minus 4 */
    SPOP_ACTION_SET_VAR = 1,
    SPOP_ACTION_UNSET_VAR = 2,
};

/* A frame's head, and its payload as a range of bytes. */
struct spop_frame {
    uint8_t type;
    uint32_t flags;
    uint64_t stream_id, frame_id;
    const uint8_t *payload, *end;
};

/* What an ACK says about the client. */
enum spop_banned { SPOP_NOT_SAID, SPOP_NOT_BANNED, SPOP_BANNED };

static inline void spop_put_length(uint8_t *frame, size_t length)
{
    frame[0] = (uint8_t)(length >> 24);
    frame[1] = (uint8_t)(length >> 16);
    frame[2] = (uint8_t)(length >> 8);
    frame[3] = (uint8_t)length;
}

static inline size_t spop_get_length(const uint8_t *frame)
{
    return (size_t)frame[0] << 24 | (size_t)frame[1] << 16 | (size_t)frame[2] << 8 | frame[3];
}

/* Writes a varint (at most 10 bytes) and returns the place behind it. */
static inline uint8_t *spop_put_varint(uint8_t *at, uint64_t value)
{
    if (value < 240) {
        *at++ = (uint8_t)value;
        return at;
    }
    *at++ = (uint8_t)(value | 240);
    value = (value - 240) >> 4;
    while (value >= 128) {
        *at++ = (uint8_t)(value | 128);
        value = (value - 128) >> 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

static inline const uint8_t *spop_get_varint(const uint8_t *at, const uint8_t *end, uint64_t *value)
{
    if (at == NULL || at >= end)
        return NULL;
    *value = *at++;
    if (*value < 240)
        return at;
    for (int shift = 4; at < end && shift < 64; shift += 7) {
        *value += (uint64_t)*at << shift;
        if (*at++ < 128)
            return at;
    }
    return NULL;
}

static inline uint8_t *spop_put_string(uint8_t *at, const char *text)
{
    size_t length = strlen(text);
    at = spop_put_varint(at, length);
    memcpy(at, text, length);
    return at + length;
}

/* Begins a frame; spop_end_frame() fills in its length once the payload is behind the head. */
static inline uint8_t *spop_begin_frame(uint8_t *frame, uint8_t type, uint64_t stream_id,
                                        uint64_t frame_id)
{
    frame[SPOP_LENGTH] = type;
    frame[5] = frame[6] = frame[7] = 0;
    frame[8] = SPOP_FIN;
    return spop_put_varint(spop_put_varint(frame + SPOP_HEAD, stream_id), frame_id);
}

static inline void spop_end_frame(uint8_t *frame, const uint8_t *end)
{
    spop_put_length(frame, (size_t)(end - frame) - SPOP_LENGTH);
}

/* Reads the head of the frame whose length bytes stand at `at`. False if it does not decode. */
static inline bool spop_read_frame(const uint8_t *at, size_t length, struct spop_frame *frame)
{
    const uint8_t *end = at + SPOP_LENGTH + length;
    if (length < 7)
        return false;
    frame->type = at[SPOP_LENGTH];
    frame->flags = (uint32_t)spop_get_length(at + SPOP_LENGTH + 1);
    at = spop_get_varint(at + SPOP_HEAD, end, &frame->stream_id);
    at = spop_get_varint(at, end, &frame->frame_id);
    frame->payload = at;
    frame->end = end;
    return at != NULL;
}

static inline const uint8_t *spop_skip(const uint8_t *at, const uint8_t *end, uint64_t length)
{
    return at == NULL || length > (uint64_t)(end - at) ? NULL : at + length;
}

/* Steps over one typed value; `number` gets 0 or 1 for a boolean, an integer's value, else 0. */
static inline const uint8_t *spop_skip_value(const uint8_t *at, const uint8_t *end,
                                             uint64_t *number)
{
    uint64_t length = 0;
    *number = 0;
    if (at == NULL || at >= end)
        return NULL;
    uint8_t type = *at & 15, flags = *at >> 4;
    at++;
    switch (type) {
    case SPOP_TYPE_NULL:
        return at;
    case SPOP_TYPE_BOOL:
        *number = flags == 1; /* as HAProxy reads it */
        return at;
    case SPOP_TYPE_IPV4:
        return spop_skip(at, end, 4);
    case SPOP_TYPE_IPV6:
        return spop_skip(at, end, 16);
    case SPOP_TYPE_STRING:
    case SPOP_TYPE_BINARY:
        at = spop_get_varint(at, end, &length);
        return spop_skip(at, end, length);
    default: /* 2 to 5 are the integers; 10 to 15 are reserved */
        return type <= SPOP_TYPE_UINT64 ? spop_get_varint(at, end, number) : NULL;
    }
}

/* Walks all actions of an ACK and finds the variable `banned`. False if they do not decode.
 *
 * A boolean is what webfail2ban sends; a number is taken too, for agents that have no booleans.
 */
static inline bool spop_read_actions(const struct spop_frame *ack, enum spop_banned *banned)
{
    const uint8_t *at = ack->payload, *end = ack->end;
    *banned = SPOP_NOT_SAID;
    while (at < end) {
        uint64_t length, number;
        if (end - at < 4) /* action, number of arguments, scope, length of the name */
            return false;
        uint8_t action = at[0], arguments = at[1], scope = at[2];
        const uint8_t *name = spop_get_varint(at + 3, end, &length);
        at = spop_skip(name, end, length);
        if (at == NULL || scope > 4)
            return false;
        if (action == SPOP_ACTION_UNSET_VAR && arguments == 2)
            continue;
        if (action != SPOP_ACTION_SET_VAR || arguments != 3)
            return false;
        at = spop_skip_value(at, end, &number);
        if (at == NULL)
            return false;
        if (length == 6 && memcmp(name, "banned", 6) == 0)
            *banned = number ? SPOP_BANNED : SPOP_NOT_BANNED;
    }
    return true;
}

/* Whether the text of a STRING value of a HELLO's key/value list contains a word. */
static inline bool spop_hello_says(const struct spop_frame *hello, const char *key,
                                   const char *word)
{
    const uint8_t *at = hello->payload, *end = hello->end;
    while (at != NULL && at < end) {
        uint64_t length, number;
        const uint8_t *name = spop_get_varint(at, end, &length);
        const uint8_t *value = spop_skip(name, end, length);
        at = spop_skip_value(value, end, &number);
        if (at == NULL || length != strlen(key) || memcmp(name, key, length) != 0)
            continue;
        for (size_t size = strlen(word); value + size <= at; value++)
            if (memcmp(value, word, size) == 0)
                return true;
    }
    return false;
}

#endif
