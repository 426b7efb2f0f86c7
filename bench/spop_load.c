/* spop_load: ask a SPOP agent for verdicts as fast as it gives them, and check each one.
 *
 *     spop_load [-c CONNECTIONS] [-k OUTSTANDING] [-d SECONDS] [-w SECONDS] ADDRESS CLIENTS
 *
 * CLIENTS is a file of lines `ADDRESS EXPECTED`: an IPv4 or IPv6 address and 1 (banned), 0 (not
 * banned) or - (either will do). The order of asking is pseudo-random, the same in every run.
 *
 * Each connection keeps OUTSTANDING NOTIFYs unanswered: whatever one recv() answers is asked anew
 * with one send(), which is how HAProxy fills a pipelined connection. The load is thus a closed
 * loop: it measures what the agent can do, not how long a queue in front of it would become.
 *
 * A NOTIFY's clock starts when the recv() that made room for it returns, and stops when the recv()
 * that holds its ACK returns. The generator's own time counts into the latency, never out of it.
 *
 * Prints one JSON object; exits with 1 if there was a wrong verdict, an error or a lost answer.
 */
#define _POSIX_C_SOURCE 200809L

#include "clients.h"
#include "load.h"
#include "spop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/time.h>

enum {
    MAX_OUTSTANDING = 256, /* HAProxy keeps at most 20 on a connection */
    MAX_NOTIFY = SPOP_HEAD + 10 + 1 + MAX_QUESTION, /* ids of up to 10 bytes and of 1 */
    INPUT = 1 << 16,       /* several frames of the largest size */
};

/* One NOTIFY that may be outstanding. When its ACK comes, the next NOTIFY takes its place. */
struct slot {
    bool waiting;
    uint64_t stream_id, asked_at;
    const struct client *client;
};

struct connection {
    int fd;
    unsigned next; /* agents answer mostly in order: the slot to look at first */
    struct slot slots[MAX_OUTSTANDING];
    size_t out_begin, out_end, in_begin, in_end;
    uint8_t out[MAX_OUTSTANDING * MAX_NOTIFY], in[INPUT];
};

static struct connection connections[MAX_CONNECTIONS];
static struct clients clients;
static unsigned alive;
static uint64_t next_stream_id;
static bool pipelining;

/* Asks for the next client in a slot; flush() sends it. Ids count as those of HAProxy 2.x do. */
static void ask(struct connection *connection, struct slot *slot, uint64_t now)
{
    *slot = (struct slot){true, next_stream_id++, now, clients_pick(&clients)};
    uint8_t *frame = connection->out + connection->out_end;
    uint8_t *at = spop_begin_frame(frame, SPOP_NOTIFY, slot->stream_id, 1);
    memcpy(at, slot->client->question, slot->client->size);
    at += slot->client->size;
    spop_end_frame(frame, at);
    connection->out_end = (size_t)(at - connection->out);
    unanswered++;
    asked++;
}

static void hang_up(struct connection *connection, const char *why)
{
    complain(why);
    close(connection->fd);
    alive--;
}

static void watch(int poll, struct connection *connection, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};
    epoll_ctl(poll, operation, connection->fd, &event);
}

static void flush(int poll, struct connection *connection)
{
    size_t size = connection->out_end - connection->out_begin;
    if (size == 0)
        return;
    ssize_t sent = send(connection->fd, connection->out + connection->out_begin, size, MSG_NOSIGNAL);
    sends++;
    if (sent < 0 && errno != EAGAIN) {
        hang_up(connection, strerror(errno));
        return;
    }
    connection->out_begin += sent < 0 ? 0 : (size_t)sent;
    if (connection->out_begin == connection->out_end)
        connection->out_begin = connection->out_end = 0;
    bool stuck = connection->out_end != 0;
    if (stuck || (size_t)sent != size)
        watch(poll, connection, EPOLL_CTL_MOD, stuck ? EPOLLOUT : EPOLLIN);
}

static struct slot *find_slot(struct connection *connection, uint64_t stream_id)
{
    for (unsigned tried = 0; tried < outstanding; tried++) {
        struct slot *slot = &connection->slots[connection->next];
        connection->next = (connection->next + 1) % outstanding;
        if (slot->waiting && slot->stream_id == stream_id)
            return slot;
    }
    return NULL;
}

/* Checks one frame from the agent, and asks anew in the slot that it frees. */
static void take_answer(struct connection *connection, const uint8_t *at, size_t length,
                        uint64_t now)
{
    struct spop_frame frame;
    enum spop_banned banned;
    if (!spop_read_frame(at, length, &frame)) {
        complain("a frame that does not decode");
        return;
    }
    if (frame.type != SPOP_ACK || frame.flags != SPOP_FIN) {
        complain(frame.type == SPOP_AGENT_DISCONNECT ? "AGENT-DISCONNECT" : "not an ACK with FIN");
        return;
    }
    struct slot *slot = frame.frame_id == 1 ? find_slot(connection, frame.stream_id) : NULL;
    if (slot == NULL) {
        complain("an ACK for nothing that was asked");
        return;
    }
    if (!spop_read_actions(&frame, &banned))
        complain("actions that do not decode");
    else if (slot->client->expected != SPOP_NOT_SAID && slot->client->expected != banned)
        wrong++;
    histogram_add(&latencies, now - slot->asked_at);
    slot->waiting = false;
    unanswered--;
    if (asking)
        ask(connection, slot, now);
}

static void receive(int poll, struct connection *connection)
{
    ssize_t got = recv(connection->fd, connection->in + connection->in_end,
                       sizeof connection->in - connection->in_end, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            hang_up(connection, got == 0 ? "the agent closed" : strerror(errno));
        return;
    }
    uint64_t now = nanoseconds(CLOCK_MONOTONIC);
    connection->in_end += (size_t)got;
    size_t here = connection->in_end - connection->in_begin;
    while (here >= SPOP_LENGTH) {
        const uint8_t *at = connection->in + connection->in_begin;
        size_t length = spop_get_length(at);
        if (length > SPOP_MAX_FRAME) {
            hang_up(connection, "a frame above the negotiated size");
            return;
        }
        if (here < SPOP_LENGTH + length)
            break;
        take_answer(connection, at, length, now);
        connection->in_begin += SPOP_LENGTH + length;
        here -= SPOP_LENGTH + length;
    }
    memmove(connection->in, connection->in + connection->in_begin, here);
    connection->in_begin = 0;
    connection->in_end = here;
    flush(poll, connection);
}

/* The HELLO of HAProxy 2.x, and the agent's answer to it. */
static void shake_hands(struct connection *connection)
{
    uint8_t *frame = connection->out, *at = spop_begin_frame(frame, SPOP_HAPROXY_HELLO, 0, 0);
    at = spop_put_string(at, "supported-versions");
    *at++ = SPOP_TYPE_STRING;
    at = spop_put_string(at, "2.0");
    at = spop_put_string(at, "max-frame-size");
    *at++ = SPOP_TYPE_UINT32;
    at = spop_put_varint(at, SPOP_MAX_FRAME);
    at = spop_put_string(at, "capabilities");
    *at++ = SPOP_TYPE_STRING;
    at = spop_put_string(at, "pipelining,async");
    at = spop_put_string(at, "engine-id");
    *at++ = SPOP_TYPE_STRING;
    at = spop_put_string(at, "7c1e4a52-0c0e-4f6b-9a3d-5b8f2d1e6a90");
    spop_end_frame(frame, at);

    struct timeval patience = {.tv_sec = SILENCE_MS / 1000};
    setsockopt(connection->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (send(connection->fd, frame, (size_t)(at - frame), MSG_NOSIGNAL) != at - frame)
        die("send of the HELLO");
    uint8_t *in = connection->in;
    struct spop_frame hello;
    if (recv(connection->fd, in, SPOP_LENGTH, MSG_WAITALL) != SPOP_LENGTH)
        die("no answer to the HELLO");
    size_t length = spop_get_length(in);
    if (length > SPOP_MAX_FRAME
        || recv(connection->fd, in + SPOP_LENGTH, length, MSG_WAITALL) != (ssize_t)length
        || !spop_read_frame(in, length, &hello) || hello.type != SPOP_AGENT_HELLO)
        refuse("not an AGENT-HELLO", "the agent's answer to the HELLO");
    pipelining = spop_hello_says(&hello, "capabilities", "pipelining");
    fcntl(connection->fd, F_SETFL, O_NONBLOCK);
}

/* Takes answers until the deadline (nanoseconds), or until none is to be expected any more. */
static void drive(int poll, uint64_t deadline)
{
    struct epoll_event ready[MAX_CONNECTIONS];
    while (alive > 0 && unanswered > 0 && nanoseconds(CLOCK_MONOTONIC) < deadline) {
        int patience = asking ? SILENCE_MS : DRAIN_MS;
        int count = epoll_wait(poll, ready, MAX_CONNECTIONS, patience);
        if (count == 0) {
            if (asking)
                complain("no answer for five seconds");
            alive = 0;
        }
        for (int i = 0; i < count; i++) {
            struct connection *connection = ready[i].data.ptr;
            if (ready[i].events & EPOLLOUT)
                flush(poll, connection);
            else
                receive(poll, connection);
        }
    }
}

int main(int argc, char **argv)
{
    program = "spop_load";
    for (int option; (option = getopt(argc, argv, "c:k:d:w:")) != -1;) {
        if (!load_option(option, optarg, MAX_OUTSTANDING))
            return 2;
    }
    if (argc - optind != 2)
        refuse("usage", "spop_load [-c N] [-k N] [-d SECONDS] [-w SECONDS] ADDRESS CLIENTS");
    struct endpoint endpoint = endpoint_parse(argv[optind]);
    clients = clients_read(argv[optind + 1]);

    int poll = epoll_create1(0);
    for (unsigned i = 0; i < connection_count; i++) {
        connections[i].fd = endpoint_connect(&endpoint);
        shake_hands(&connections[i]);
        alive++;
        watch(poll, &connections[i], EPOLL_CTL_ADD, EPOLLIN);
    }
    for (unsigned i = 0; i < connection_count; i++) {
        for (unsigned slot = 0; slot < outstanding; slot++)
            ask(&connections[i], &connections[i].slots[slot], nanoseconds(CLOCK_MONOTONIC));
        flush(poll, &connections[i]);
    }

    return load_measure(drive, poll, pipelining);
}
