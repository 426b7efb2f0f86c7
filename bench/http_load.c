/* http_load: ask an HTTP endpoint about clients as fast as it answers, and check each answer.
 *
 *     http_load [-u] [-c CONNECTIONS] [-k OUTSTANDING] [-d SECONDS] [-w SECONDS] ADDRESS CLIENTS
 *
 * CLIENTS is a file of lines `ADDRESS EXPECTED`: 1 (banned, 403), 0 (200) or - (either will do). The
 * requests are those of a proxy: GET, a few headers, the client in X-Forwarded-For, connections kept.
 * Each connection keeps OUTSTANDING requests unanswered; proxies keep one. With -u each request is
 * about a page of its own, so that no two are the same bytes.
 *
 * The load is a closed loop, and clocks run as in spop_load. Prints one JSON object of the same
 * form; exits with 1 if there was a wrong verdict, an error or a lost answer.
 */
#define _GNU_SOURCE /* memmem */

#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

enum {
    MAX_OUTSTANDING = 64,
    MAX_REQUEST = 512,
    INPUT = 1 << 16,
};

static const char REQUEST[] = "GET / HTTP/1.1\r\n"
                              "Host: webfail2ban\r\n"
                              "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101\r\n"
                              "Accept: */*\r\n"
                              "X-Forwarded-Proto: https\r\n"
                              "X-Forwarded-Host: www.example.com\r\n"
                              "X-Forwarded-Method: GET\r\n"
                              "X-Forwarded-Uri: /index.html?page=%010llu\r\n"
                              "X-Forwarded-For: %s\r\n\r\n";

struct client {
    char address[64];
    char request[MAX_REQUEST];
    size_t size;
    char expected;
};

struct connection {
    int fd;
    unsigned first; /* answers come in order: the oldest request */
    struct {
        uint64_t asked_at;
        const struct client *client;
    } waiting[MAX_OUTSTANDING];
    unsigned count;
    size_t filled;
    char in[INPUT + 1];
};

static struct connection connections[MAX_CONNECTIONS];
static struct client *clients;
static size_t client_count;
static uint64_t random_state = 88172645463325252u; /* the same order in every run */
static unsigned alive;
static uint64_t pages;
static bool unique;

static size_t write_request(char *to, const char *address, uint64_t page)
{
    return (size_t)snprintf(to, MAX_REQUEST, REQUEST, (unsigned long long)page, address);
}

static void read_clients(const char *path)
{
    char address[64], expected;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        die(path);
    while (fscanf(file, "%63s %c", address, &expected) == 2) {
        if (client_count % 4096 == 0)
            clients = realloc(clients, (client_count + 4096) * sizeof *clients);
        if (clients == NULL)
            die("realloc");
        struct client *client = &clients[client_count++];
        memcpy(client->address, address, sizeof address);
        client->size = write_request(client->request, address, 1);
        client->expected = expected;
    }
    fclose(file);
    if (client_count == 0)
        refuse("no client in", path);
}

/* xorshift: an even spread, and no sequence that a cache could profit from. */
static const struct client *pick(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return &clients[random_state % client_count];
}

static void hang_up(struct connection *connection, const char *why)
{
    complain(why);
    close(connection->fd);
    connection->fd = -1;
    alive--;
}

/* Asks so many times in one send(): small enough for any socket's buffer. */
static void ask(struct connection *connection, unsigned times, uint64_t now)
{
    static char out[MAX_OUTSTANDING * MAX_REQUEST];
    size_t size = 0;
    while (times-- > 0) {
        const struct client *client = pick();
        unsigned slot = (connection->first + connection->count++) % MAX_OUTSTANDING;
        connection->waiting[slot].asked_at = now;
        connection->waiting[slot].client = client;
        if (unique)
            write_request(out + size, client->address, ++pages);
        else
            memcpy(out + size, client->request, client->size);
        size += client->size; /* a page's number is always as long */
        unanswered++;
        asked++;
    }
    sends++;
    if (send(connection->fd, out, size, MSG_NOSIGNAL) != (ssize_t)size)
        hang_up(connection, "a request can't be sent whole");
}

/* Checks one response: its status, and that it has no body, which none of the servers sends. */
static void take_answer(struct connection *connection, const char *at, size_t size, uint64_t now)
{
    unsigned slot = connection->first;
    connection->first = (connection->first + 1) % MAX_OUTSTANDING;
    connection->count--;
    unanswered--;
    char expected = connection->waiting[slot].client->expected;
    bool banned = memcmp(at, "HTTP/1.1 403 ", 13) == 0;
    if (!banned && memcmp(at, "HTTP/1.1 200 ", 13) != 0)
        complain("a status that is no verdict");
    else if (expected != '-' && banned != (expected == '1'))
        wrong++;
    if (memmem(at, size, "\r\nContent-Length: 0\r\n", 21) == NULL)
        complain("a response with a body");
    histogram_add(&latencies, now - connection->waiting[slot].asked_at);
}

static void receive(struct connection *connection)
{
    ssize_t got = recv(connection->fd, connection->in + connection->filled,
                       INPUT - connection->filled, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            hang_up(connection, got == 0 ? "the server hung up" : strerror(errno));
        return;
    }
    uint64_t now = nanoseconds(CLOCK_MONOTONIC);
    connection->filled += (size_t)got;
    const char *at = connection->in, *end = at + connection->filled, *blank;
    unsigned taken = 0;
    while (connection->count > 0
           && (blank = memmem(at, (size_t)(end - at), "\r\n\r\n", 4)) != NULL) {
        take_answer(connection, at, (size_t)(blank + 4 - at), now);
        at = blank + 4;
        taken++;
    }
    connection->filled = (size_t)(end - at);
    memmove(connection->in, at, connection->filled);
    if (asking && taken > 0)
        ask(connection, taken, now);
}

static void drive(int poll, uint64_t until)
{
    struct epoll_event ready[64];
    while (alive > 0 && (asking || unanswered > 0)) {
        uint64_t now = nanoseconds(CLOCK_MONOTONIC);
        if (now >= until)
            return;
        int count = epoll_wait(poll, ready, 64, SILENCE_MS);
        if (count == 0 && asking) {
            complain("no answer for five seconds");
            return;
        }
        for (int i = 0; i < count; i++)
            receive(ready[i].data.ptr);
    }
}

int main(int argc, char **argv)
{
    program = "http_load";
    for (int option; (option = getopt(argc, argv, "uc:k:d:w:")) != -1;) {
        if (option == 'u')
            unique = true;
        else if (!load_option(option, optarg, MAX_OUTSTANDING))
            return 2;
    }
    if (argc - optind != 2)
        refuse("usage", "http_load [-u] [-c N] [-k N] [-d SECONDS] [-w SECONDS] ADDRESS CLIENTS");
    struct endpoint endpoint = endpoint_parse(argv[optind]);
    read_clients(argv[optind + 1]);

    int poll = epoll_create1(0);
    for (unsigned i = 0; i < connection_count; i++) {
        struct connection *connection = &connections[i];
        connection->fd = endpoint_connect(&endpoint);
        fcntl(connection->fd, F_SETFL, O_NONBLOCK);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        epoll_ctl(poll, EPOLL_CTL_ADD, connection->fd, &event);
        alive++;
        ask(connection, outstanding, nanoseconds(CLOCK_MONOTONIC));
    }

    return load_measure(drive, poll, true);
}
