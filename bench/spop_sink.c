/* spop_sink: the cheapest SPOP agent there can be; what the load generator itself can do.
 *
 *     spop_sink ADDRESS
 *
 * Each NOTIFY gets a constant ACK (`banned` is false) with the ids it came with; what one recv()
 * brings is answered with one send(). No verdict, no interpreter, one thread: a rate measured
 * against it is the ceiling of the generator and of the machine's loopback, not of an agent.
 */
#define _POSIX_C_SOURCE 200809L

#include "endpoint.h"
#include "spop.h"

#include <sys/epoll.h>
#include <unistd.h>

enum { BUFFER = 1 << 16, MAX_EVENTS = 256, MAX_ACK = 64 };

struct peer {
    int fd;
    size_t size;
    uint8_t in[BUFFER];
};

static uint8_t *put_hello(uint8_t *frame)
{
    uint8_t *at = spop_begin_frame(frame, SPOP_AGENT_HELLO, 0, 0);
    at = spop_put_string(at, "version");
    *at++ = SPOP_TYPE_STRING;
    at = spop_put_string(at, "2.0");
    at = spop_put_string(at, "max-frame-size");
    *at++ = SPOP_TYPE_UINT32;
    at = spop_put_varint(at, SPOP_MAX_FRAME);
    at = spop_put_string(at, "capabilities");
    *at++ = SPOP_TYPE_STRING;
    at = spop_put_string(at, "pipelining");
    spop_end_frame(frame, at);
    return at;
}

static uint8_t *put_ack(uint8_t *frame, const struct spop_frame *notify)
{
    static const uint8_t set_var[] = {SPOP_ACTION_SET_VAR, 3, 2}; /* scope 2: txn */
    uint8_t *at = spop_begin_frame(frame, SPOP_ACK, notify->stream_id, notify->frame_id);
    memcpy(at, set_var, sizeof set_var);
    at = spop_put_string(at + sizeof set_var, "banned");
    *at++ = SPOP_TYPE_BOOL; /* the flag that would make it true is not set */
    spop_end_frame(frame, at);
    return at;
}

/* Answers all whole frames of one recv(). False when the peer is gone or is no HAProxy. */
static bool answer(struct peer *peer)
{
    static uint8_t out[BUFFER / 11 * MAX_ACK]; /* the shortest frame has 11 bytes */
    uint8_t *end = out;
    ssize_t got = recv(peer->fd, peer->in + peer->size, sizeof peer->in - peer->size, 0);
    if (got <= 0)
        return false;
    peer->size += (size_t)got;
    size_t at = 0;
    while (peer->size - at >= SPOP_LENGTH) {
        struct spop_frame frame;
        size_t length = spop_get_length(peer->in + at);
        if (length > SPOP_MAX_FRAME)
            return false;
        if (peer->size - at < SPOP_LENGTH + length)
            break;
        if (!spop_read_frame(peer->in + at, length, &frame))
            return false;
        if (frame.type != SPOP_HAPROXY_HELLO && frame.type != SPOP_NOTIFY)
            return false;
        end = frame.type == SPOP_NOTIFY ? put_ack(end, &frame) : put_hello(end);
        at += SPOP_LENGTH + length;
    }
    peer->size -= at;
    memmove(peer->in, peer->in + at, peer->size);
    return end == out || send(peer->fd, out, (size_t)(end - out), MSG_NOSIGNAL) == end - out;
}

static void welcome(const struct endpoint *endpoint, int poll, int listener)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL)
        die("calloc");
    peer->fd = accept(listener, NULL, NULL);
    if (peer->fd < 0)
        die("accept");
    endpoint_no_delay(endpoint, peer->fd);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    epoll_ctl(poll, EPOLL_CTL_ADD, peer->fd, &event);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        refuse("usage", "spop_sink ADDRESS");
    struct endpoint endpoint = endpoint_parse(argv[1]);
    int listener = endpoint_listen(&endpoint), poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, ready[MAX_EVENTS];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poll, ready, MAX_EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct peer *peer = ready[i].data.ptr;
            if (peer == NULL) {
                welcome(&endpoint, poll, listener);
            } else if (!answer(peer)) {
                close(peer->fd);
                free(peer);
            }
        }
    }
}
