/* The clients that are asked about: their questions, ready to be sent, and the right answers. */
#ifndef CLIENTS_H
#define CLIENTS_H

#include "endpoint.h"
#include "spop.h"

#include <arpa/inet.h>

enum { MAX_QUESTION = 48 }; /* the message and its argument with an IPv6 address take 30 */

static const char MESSAGE[] = "check-ip", ARGUMENT[] = "ip";

struct client {
    uint8_t question[MAX_QUESTION], size; /* the payload of its NOTIFY */
    enum spop_banned expected;            /* SPOP_NOT_SAID: either will do */
};

struct clients {
    struct client *list;
    size_t count;
    uint64_t random;
};

/* Who asks next. xorshift: an even spread, and no sequence that a cache could profit from. */
static inline const struct client *clients_pick(struct clients *clients)
{
    clients->random ^= clients->random << 13;
    clients->random ^= clients->random >> 7;
    clients->random ^= clients->random << 17;
    return &clients->list[clients->random % clients->count];
}

static inline void client_prepare(struct client *client, const char *address, char expected)
{
    uint8_t *at = spop_put_string(client->question, MESSAGE);
    *at++ = 1; /* argument */
    at = spop_put_string(at, ARGUMENT);
    bool is_v6 = strchr(address, ':') != NULL;
    *at++ = is_v6 ? SPOP_TYPE_IPV6 : SPOP_TYPE_IPV4;
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, address, at) != 1)
        refuse("not an address", address);
    client->size = (uint8_t)(at + (is_v6 ? 16 : 4) - client->question);
    client->expected = expected == '1' ? SPOP_BANNED : SPOP_NOT_SAID;
    if (expected == '0')
        client->expected = SPOP_NOT_BANNED;
}

/* Reads a file of lines `ADDRESS EXPECTED`; ends the program if it can't. */
static inline struct clients clients_read(const char *path)
{
    struct clients clients = {.random = 88172645463325252u}; /* the same order in every run */
    char address[64], expected;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        die(path);
    while (fscanf(file, "%63s %c", address, &expected) == 2) {
        if (clients.count % 4096 == 0)
            clients.list = realloc(clients.list, (clients.count + 4096) * sizeof *clients.list);
        if (clients.list == NULL)
            die("realloc");
        client_prepare(&clients.list[clients.count++], address, expected);
    }
    fclose(file);
    if (clients.count == 0)
        refuse("no client in", path);
    return clients;
}

#endif
