/* Where an agent listens: `host:port` (`[host]:port` for IPv6) or the path of a unix socket. */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

struct endpoint {
    struct sockaddr_storage address;
    socklen_t size;
};

static inline void die(const char *what)
{
    perror(what);
    exit(2);
}

static inline void refuse(const char *what, const char *text)
{
    fprintf(stderr, "%s: %s\n", what, text);
    exit(2);
}

static inline struct endpoint endpoint_parse(const char *text)
{
    struct endpoint endpoint = {0};
    if (strchr(text, '/') != NULL) {
        struct sockaddr_un *unix_address = (struct sockaddr_un *)&endpoint.address;
        if (strlen(text) >= sizeof unix_address->sun_path)
            refuse("path of the socket is too long", text);
        unix_address->sun_family = AF_UNIX;
        memcpy(unix_address->sun_path, text, strlen(text) + 1);
        endpoint.size = sizeof *unix_address;
        return endpoint;
    }

    char host[256] = "";
    const char *begin = text, *colon = strrchr(text, ':'), *end = colon;
    if (colon != NULL && colon > text && *text == '[' && colon[-1] == ']')
        begin++, end--;
    if (colon == NULL || (size_t)(end - begin) >= sizeof host)
        refuse("not host:port, nor a path", text);
    memcpy(host, begin, (size_t)(end - begin));
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *found;
    int failure = getaddrinfo(host, colon + 1, &hints, &found);
    if (failure != 0)
        refuse(text, gai_strerror(failure));
    memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
    endpoint.size = found->ai_addrlen;
    freeaddrinfo(found);
    return endpoint;
}

/* An ACK or NOTIFY is a packet of its own: neither waits for the other side's TCP ACK. */
static inline void endpoint_no_delay(const struct endpoint *endpoint, int fd)
{
    int on = 1;
    if (endpoint->address.ss_family != AF_UNIX)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static inline int endpoint_connect(const struct endpoint *endpoint)
{
    int fd = socket(endpoint->address.ss_family, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&endpoint->address, endpoint->size) != 0)
        die("connect");
    endpoint_no_delay(endpoint, fd);
    return fd;
}

static inline int endpoint_listen(const struct endpoint *endpoint)
{
    int on = 1, fd = socket(endpoint->address.ss_family, SOCK_STREAM, 0);
    if (fd < 0)
        die("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)&endpoint->address, endpoint->size) != 0
        || listen(fd, 128) != 0)
        die("listen");
    return fd;
}

#endif
