/* Sources: draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng. */
#include "io/trace/trace_write.h"

#include <string.h>

#define NS_PER_S            UINT64_C(1000000000)
#define LINKTYPE_ETHERNET   1

#define PCAP_MAGIC_NANO     UINT32_C(0xa1b23c4d)

#define BLOCK_SECTION       UINT32_C(0x0a0d0d0a)
#define BLOCK_INTERFACE     UINT32_C(1)
#define BLOCK_PACKET        UINT32_C(6)
#define SECTION_MAGIC       UINT32_C(0x1a2b3c4d)
#define OPTION_TSRESOL      9
#define OPTION_COMMENT      1

/* Bytes put together, so that a header is written at once. */
struct bytes {
    uint8_t data[64];
    uint32_t n;
};

static void
add(struct bytes *b, uint32_t value, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++) {
        b->data[b->n++] = (uint8_t) (value >> 8 * i);
    }
}

static void
write_pcap_header(struct vsw_trace_out *out, uint32_t snaplen_bytes)
{
    struct bytes b = {.n = 0};

    add(&b, PCAP_MAGIC_NANO, 4);
    add(&b, 2, 2);                  /* Version 2.4. */
    add(&b, 4, 2);
    add(&b, 0, 4);
    add(&b, 0, 4);
    add(&b, snaplen_bytes, 4);
    add(&b, LINKTYPE_ETHERNET, 4);
    vsw_trace_out_put(out, b.data, b.n);
}

static void
write_pcapng_header(struct vsw_trace_out *out, uint32_t snaplen_bytes)
{
    struct bytes b = {.n = 0};

    add(&b, BLOCK_SECTION, 4);
    add(&b, 28, 4);
    add(&b, SECTION_MAGIC, 4);
    add(&b, 1, 2);                  /* Version 1.0. */
    add(&b, 0, 2);
    add(&b, UINT32_MAX, 4);         /* The section's length is not given. */
    add(&b, UINT32_MAX, 4);
    add(&b, 28, 4);
    vsw_trace_out_put(out, b.data, b.n);

    b.n = 0;
    add(&b, BLOCK_INTERFACE, 4);
    add(&b, 32, 4);
    add(&b, LINKTYPE_ETHERNET, 2);
    add(&b, 0, 2);
    add(&b, snaplen_bytes, 4);
    add(&b, OPTION_TSRESOL, 2);
    add(&b, 1, 2);
    add(&b, 9, 4);                  /* 10^-9 s, and padding. */
    add(&b, 0, 4);                  /* End of options. */
    add(&b, 32, 4);
    vsw_trace_out_put(out, b.data, b.n);
}

void
vsw_trace_write_header(struct vsw_trace_out *out,
                       enum vsw_trace_format format, uint32_t snaplen_bytes)
{
    if (format == VSW_TRACE_PCAP) {
        write_pcap_header(out, snaplen_bytes);
    } else {
        write_pcapng_header(out, snaplen_bytes);
    }
}

static void
write_pcap_packet(struct vsw_trace_out *out, uint64_t time_ns,
                  const void *data, uint32_t n_captured, uint32_t n_original)
{
    struct bytes b = {.n = 0};

    add(&b, (uint32_t) (time_ns / NS_PER_S), 4);
    add(&b, (uint32_t) (time_ns % NS_PER_S), 4);
    add(&b, n_captured, 4);
    add(&b, n_original, 4);
    vsw_trace_out_put(out, b.data, b.n);
    vsw_trace_out_put(out, data, n_captured);
}

static uint32_t
padding_of(uint32_t n_bytes)
{
    return (4 - n_bytes % 4) % 4;
}

/* A comment, and the end of options. */
static void
write_comment(struct vsw_trace_out *out, const char *comment, uint32_t len)
{
    struct bytes b = {.n = 0};

    add(&b, OPTION_COMMENT, 2);
    add(&b, len, 2);
    vsw_trace_out_put(out, b.data, b.n);
    vsw_trace_out_put(out, comment, len);
    b.n = 0;
    add(&b, 0, (int) padding_of(len));
    add(&b, 0, 4);
    vsw_trace_out_put(out, b.data, b.n);
}

/* Without a comment if it is "". */
static void
write_pcapng_packet(struct vsw_trace_out *out, uint64_t time_ns,
                    const void *data, uint32_t n_captured,
                    uint32_t n_original, const char *comment)
{
    uint32_t n_padding = padding_of(n_captured);
    uint32_t len = (uint32_t) strlen(comment);
    uint32_t n_options = len > 0 ? 8 + len + padding_of(len) : 0;
    uint32_t n_total = 32 + n_captured + n_padding + n_options;
    struct bytes b = {.n = 0};

    add(&b, BLOCK_PACKET, 4);
    add(&b, n_total, 4);
    add(&b, 0, 4);                  /* The first interface. */
    add(&b, (uint32_t) (time_ns >> 32), 4);
    add(&b, (uint32_t) time_ns, 4);
    add(&b, n_captured, 4);
    add(&b, n_original, 4);
    vsw_trace_out_put(out, b.data, b.n);
    vsw_trace_out_put(out, data, n_captured);

    b.n = 0;
    add(&b, 0, (int) n_padding);
    vsw_trace_out_put(out, b.data, b.n);
    if (len > 0) {
        write_comment(out, comment, len);
    }
    b.n = 0;
    add(&b, n_total, 4);
    vsw_trace_out_put(out, b.data, b.n);
}

void
vsw_trace_write_commented(struct vsw_trace_out *out, uint64_t time_ns,
                          const void *data, uint32_t n_captured,
                          uint32_t n_original, const char *comment)
{
    write_pcapng_packet(out, time_ns, data, n_captured, n_original, comment);
}

void
vsw_trace_write_packet(struct vsw_trace_out *out,
                       enum vsw_trace_format format, uint64_t time_ns,
                       const void *data, uint32_t n_captured,
                       uint32_t n_original)
{
    if (format == VSW_TRACE_PCAP) {
        write_pcap_packet(out, time_ns, data, n_captured, n_original);
    } else {
        write_pcapng_packet(out, time_ns, data, n_captured, n_original, "");
    }
}
