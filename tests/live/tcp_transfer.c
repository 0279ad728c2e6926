/* Sends a known stream over TCP and checks it at the other end.
 *
 *   tcp_transfer serve ADDRESS PORT N_BYTES
 *   tcp_transfer send ADDRESS PORT N_BYTES
 *
 * The server prints "listening" once it does, takes one connection and fails
 * unless exactly N_BYTES of the right content come.  The sender gives up after
 * two seconds without a connection. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#define CONNECT_MS 2000
#define CHUNK_BYTES 65536

static unsigned char chunk[CHUNK_BYTES];
static unsigned char expected[CHUNK_BYTES];

/* Repeats after a prime, so that a piece lost or doubled shows. */
static void
fill(unsigned char *bytes, unsigned long at, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++) {
        bytes[i] = (unsigned char) ((at + i) % 251);
    }
}

static int
serve(int fd, unsigned long n_bytes)
{
    unsigned long at = 0;
    ssize_t n;
    int conn;

    if (listen(fd, 1)) {
        return -1;
    }
    printf("listening\n");
    fflush(stdout);
    conn = accept(fd, NULL, NULL);
    if (conn < 0) {
        return -1;
    }
    while ((n = read(conn, chunk, sizeof chunk)) > 0) {
        fill(expected, at, (size_t) n);
        if (memcmp(chunk, expected, (size_t) n) != 0) {
            fprintf(stderr, "tcp_transfer: wrong bytes after %lu\n", at);
            return -1;
        }
        at += (unsigned long) n;
    }
    close(conn);
    return n == 0 && at == n_bytes ? 0 : -1;
}

static int
connect_to(int fd, const struct sockaddr_in *addr)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    socklen_t n = sizeof(int);
    int error = 0;

    /* The socket was made with this as its send time-out. */
    if (connect(fd, (const struct sockaddr *) addr, sizeof *addr)) {
        return -1;
    }
    return poll(&p, 1, CONNECT_MS) == 1
           && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0
               ? error : -1;
}

static int
send_all(int fd, const struct sockaddr_in *addr, unsigned long n_bytes)
{
    unsigned long at = 0;

    if (connect_to(fd, addr)) {
        return -1;
    }
    while (at < n_bytes) {
        unsigned long left = n_bytes - at;
        size_t want = left < CHUNK_BYTES ? left : CHUNK_BYTES;
        ssize_t n;

        fill(chunk, at, want);
        n = write(fd, chunk, want);
        if (n <= 0) {
            return -1;
        }
        at += (unsigned long) n;
    }
    return 0;
}

int
main(int argc, char *argv[])
{
    struct timeval timeout = { .tv_sec = CONNECT_MS / 1000 };
    struct sockaddr_in addr = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int yes = 1;
    int error;

    if (argc != 5 || fd < 0
        || inet_pton(AF_INET, argv[2], &addr.sin_addr) != 1) {
        fprintf(stderr, "usage: tcp_transfer serve|send ADDRESS PORT "
                        "N_BYTES\n");
        return EXIT_FAILURE;
    }
    addr.sin_port = htons((uint16_t) atoi(argv[3]));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (strcmp(argv[1], "serve") == 0) {
        error = bind(fd, (const struct sockaddr *) &addr, sizeof addr)
                || serve(fd, strtoul(argv[4], NULL, 10));
    } else {
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
        error = send_all(fd, &addr, strtoul(argv[4], NULL, 10));
    }
    close(fd);
    return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
