#include "io/trace/trace_magic.h"

#include <string.h>

#include <vswsim/compiler.h>

struct entry {
    unsigned char bytes[6];
    size_t n_bytes;
    struct vsw_magic magic;
};

/* Captures: the magic numbers of pcap with microseconds, nanoseconds and
 * Kuznetzov's extra fields, in both byte orders, and of pcapng. */
static const struct entry entries[] = {
    {{0xa1, 0xb2, 0xc3, 0xd4}, 4, {VSW_MAGIC_CAPTURE, "pcap", NULL}},
    {{0xd4, 0xc3, 0xb2, 0xa1}, 4, {VSW_MAGIC_CAPTURE, "pcap", NULL}},
    {{0xa1, 0xb2, 0x3c, 0x4d}, 4, {VSW_MAGIC_CAPTURE, "pcap", NULL}},
    {{0x4d, 0x3c, 0xb2, 0xa1}, 4, {VSW_MAGIC_CAPTURE, "pcap", NULL}},
    {{0xa1, 0xb2, 0xcd, 0x34}, 4, {VSW_MAGIC_CAPTURE, "pcap", NULL}},
    {{0x34, 0xcd, 0xb2, 0xa1}, 4, {VSW_MAGIC_CAPTURE, "pcap", NULL}},
    {{0x0a, 0x0d, 0x0d, 0x0a}, 4, {VSW_MAGIC_CAPTURE, "pcapng", NULL}},
    {{0x1f, 0x8b}, 2, {VSW_MAGIC_COMPRESSED, "gzip", "gzip -dc"}},
    {{0xfd, '7', 'z', 'X', 'Z', 0}, 6,
     {VSW_MAGIC_COMPRESSED, "xz", "xz -dc"}},
    {{'B', 'Z', 'h'}, 3, {VSW_MAGIC_COMPRESSED, "bzip2", "bzip2 -dc"}},
    {{0x28, 0xb5, 0x2f, 0xfd}, 4,
     {VSW_MAGIC_COMPRESSED, "zstd", "zstd -dc"}},
    {{0x04, 0x22, 0x4d, 0x18}, 4, {VSW_MAGIC_COMPRESSED, "lz4", "lz4 -dc"}},
};

struct vsw_magic
vsw_magic_find(const unsigned char *head, size_t n_bytes)
{
    struct vsw_magic none = {VSW_MAGIC_FOREIGN, "foreign", NULL};

    for (size_t i = 0; i < VSW_N_ELEMS(entries); i++) {
        const struct entry *e = &entries[i];

        if (n_bytes >= e->n_bytes && !memcmp(head, e->bytes, e->n_bytes)) {
            return e->magic;
        }
    }
    return none;
}
