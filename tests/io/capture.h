/* Capture files, written byte by byte, so that a test does not read what the
 * code under test has written. */
#ifndef TESTS_IO_CAPTURE_H
#define TESTS_IO_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct capture {
    char path[64];
    FILE *file;
    bool swapped;           /* Big-endian. */
    bool nano;
    bool ng;
};

static inline void
put8(struct capture *c, uint8_t value)
{
    if (fputc(value, c->file) == EOF) {
        abort();
    }
}

static inline void
put_number(struct capture *c, uint32_t value, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++) {
        int at = c->swapped ? n_bytes - 1 - i : i;

        put8(c, (uint8_t) (value >> 8 * at));
    }
}

static inline void
put16(struct capture *c, uint16_t value)
{
    put_number(c, value, 2);
}

static inline void
put32(struct capture *c, uint32_t value)
{
    put_number(c, value, 4);
}

static inline void
put_bytes(struct capture *c, const void *data, size_t n)
{
    if (fwrite(data, 1, n, c->file) != n) {
        abort();
    }
}

/* An empty file with a name of its own. */
static inline void
capture_new(struct capture *c)
{
    int fd;

    memset(c, 0, sizeof *c);
    strcpy(c->path, "capture-XXXXXX");
    fd = mkstemp(c->path);
    c->file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!c->file) {
        abort();
    }
}

static inline void
put_pcap_header(struct capture *c, uint32_t link_type)
{
    put32(c, c->nano ? 0xa1b23c4d : 0xa1b2c3d4);
    put16(c, 2);
    put16(c, 4);
    put32(c, 0);
    put32(c, 0);
    put32(c, 262144);
    put32(c, link_type);
}

/* Section header and interface description; the resolution is given by an
 * option, as 10 to the minus 9 or, left out, 6. */
static inline void
put_pcapng_header(struct capture *c, uint32_t link_type)
{
    put32(c, 0x0a0d0d0a);
    put32(c, 28);
    put32(c, 0x1a2b3c4d);
    put16(c, 1);
    put16(c, 0);
    put32(c, UINT32_MAX);
    put32(c, UINT32_MAX);
    put32(c, 28);

    put32(c, 1);
    put32(c, c->nano ? 32 : 20);
    put16(c, (uint16_t) link_type);
    put16(c, 0);
    put32(c, 262144);
    if (c->nano) {
        put16(c, 9);
        put16(c, 1);
        put8(c, 9);
        put8(c, 0);
        put16(c, 0);
        put32(c, 0);
    }
    put32(c, c->nano ? 32 : 20);
}

static inline void
capture_begin(struct capture *c, bool ng, bool nano, bool swapped,
              uint32_t link_type)
{
    capture_new(c);
    c->ng = ng;
    c->nano = nano;
    c->swapped = swapped;
    (ng ? put_pcapng_header : put_pcap_header)(c, link_type);
}

/* A packet at 'time_ns', of which 'n' bytes at 'data' were captured. */
static inline void
capture_packet(struct capture *c, uint64_t time_ns, const void *data,
               uint32_t n, uint32_t n_original)
{
    uint64_t ticks = c->nano ? time_ns : time_ns / 1000;
    uint64_t per_s = c->nano ? 1000000000 : 1000000;
    uint32_t n_padded = (n + 3) & ~UINT32_C(3);

    if (!c->ng) {
        put32(c, (uint32_t) (ticks / per_s));
        put32(c, (uint32_t) (ticks % per_s));
        put32(c, n);
        put32(c, n_original);
        put_bytes(c, data, n);
        return;
    }
    put32(c, 6);
    put32(c, 32 + n_padded);
    put32(c, 0);
    put32(c, (uint32_t) (ticks >> 32));
    put32(c, (uint32_t) ticks);
    put32(c, n);
    put32(c, n_original);
    put_bytes(c, data, n);
    put_bytes(c, "\0\0\0", n_padded - n);
    put32(c, 32 + n_padded);
}

static inline void
capture_close(struct capture *c)
{
    if (fclose(c->file)) {
        abort();
    }
    c->file = NULL;
}

#define UDP_FRAME_BYTES 42

/* Ethernet, IPv4 and UDP headers from host 'from' to host 'to' (addresses
 * 02:...:from and 10.0.0.from). */
static inline void
make_udp(uint8_t frame[UDP_FRAME_BYTES], uint8_t from, uint8_t to,
         uint16_t from_port, uint16_t to_port)
{
    static const uint8_t template[UDP_FRAME_BYTES] = {
        2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 8, 0,
        0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0,
        10, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 26, 0, 0,
    };

    memcpy(frame, template, UDP_FRAME_BYTES);
    frame[5] = to;
    frame[11] = from;
    frame[29] = from;
    frame[33] = to;
    frame[34] = (uint8_t) (from_port >> 8);
    frame[35] = (uint8_t) from_port;
    frame[36] = (uint8_t) (to_port >> 8);
    frame[37] = (uint8_t) to_port;
}

static inline void
capture_udp(struct capture *c, uint64_t time_ns, uint8_t from, uint8_t to)
{
    uint8_t frame[UDP_FRAME_BYTES];

    make_udp(frame, from, to, 1000, 2000);
    capture_packet(c, time_ns, frame, sizeof frame, 60);
}

#endif
