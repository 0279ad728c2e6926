/* Builds frames for the tests, one header after the other. */
#ifndef PACKETS_H
#define PACKETS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct frame {
    size_t n_bytes;
    uint8_t bytes[256];
};

/* Appends the bytes written in 'hex'; blanks are skipped. */
static inline void
frame_add(struct frame *f, const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    unsigned int half = 0, value = 0;

    for (; *hex; hex++) {
        const char *digit = strchr(digits, *hex);

        if (digit) {
            value = value << 4 | (unsigned int) (digit - digits);
            if (++half % 2 == 0) {
                f->bytes[f->n_bytes++] = (uint8_t) value;
            }
        }
    }
}

static inline void
frame_put16(struct frame *f, size_t at, size_t value)
{
    f->bytes[at] = (uint8_t) (value >> 8);
    f->bytes[at + 1] = (uint8_t) value;
}

/* Makes 'f' anew from Ethernet addresses and 'hex', which begins with the
 * EtherType. */
static inline void
frame_begin(struct frame *f, const char *hex)
{
    f->n_bytes = 0;
    frame_add(f, "0a0b0c0d0e0f 020304050607");
    frame_add(f, hex);
}

#endif
