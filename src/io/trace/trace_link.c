#include "io/trace/trace_link.h"

#include <string.h>

#include <pcap/pcap.h>

#include <vswsim/compiler.h>
#include <vswsim/flowkey.h>

/* The address families of a loopback header stand in the byte order of the
 * machine that captured; IPv6 has the number of Linux, OpenBSD and NetBSD,
 * FreeBSD, or Darwin, in this order. */
static uint16_t
loopback_type(const uint8_t *data, size_t n)
{
    uint8_t family = n < 4 ? 0 : data[0] ? data[0] : data[3];

    switch (family) {
    case 2:
        return VSW_ETH_TYPE_IPV4;
    case 10:
    case 24:
    case 28:
    case 30:
        return VSW_ETH_TYPE_IPV6;
    default:
        return 0;
    }
}

static uint16_t
raw_type(const uint8_t *data, size_t n)
{
    uint8_t version = n > 0 ? data[0] >> 4 : 0;

    return version == 4   ? VSW_ETH_TYPE_IPV4
           : version == 6 ? VSW_ETH_TYPE_IPV6
                          : 0;
}

static uint16_t
be16_at(const uint8_t *data)
{
    return (uint16_t) (data[0] << 8 | data[1]);
}

static uint16_t
cooked_type(const uint8_t *data, size_t n)
{
    return n >= 16 ? be16_at(data + 14) : 0;
}

static uint16_t
cooked2_type(const uint8_t *data, size_t n)
{
    return n >= 2 ? be16_at(data) : 0;
}

static const struct vsw_link links[] = {
    {DLT_EN10MB, "EN10MB", true, 0, NULL, 0},
    {DLT_RAW, "RAW", false, 0, raw_type, 0},
    {DLT_IPV4, "IPV4", false, 0, raw_type, 0},
    {DLT_IPV6, "IPV6", false, 0, raw_type, 0},
    {DLT_NULL, "NULL", false, 4, loopback_type, 0},
    {DLT_LOOP, "LOOP", false, 4, loopback_type, 0},
    {DLT_LINUX_SLL, "LINUX_SLL", false, 16, cooked_type, 6},
    {DLT_LINUX_SLL2, "LINUX_SLL2", false, 20, cooked2_type, 12},
};

const struct vsw_link *
vsw_link_find(int dlt)
{
    for (size_t i = 0; i < VSW_N_ELEMS(links); i++) {
        if (links[i].dlt == dlt) {
            return &links[i];
        }
    }
    return NULL;
}

const char *
vsw_link_names(void)
{
    return "Ethernet, raw IP, Linux cooked (v1, v2) and loopback";
}

static uint32_t
min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static bool
has_source_mac(const struct vsw_link *link, const uint8_t *data, uint32_t n)
{
    return link->mac_offset && n >= link->header_bytes
           && data[link->mac_offset - 1] == 6;
}

static void
make_header(const struct vsw_link *link, const uint8_t *data, uint32_t n,
            struct vsw_frame *frame)
{
    uint16_t type = link->eth_type(data, n);
    uint32_t skip = min_u32(n, link->header_bytes);
    uint32_t n_kept = min_u32(n - skip,
                              VSW_HEADER_BYTES - VSW_ETH_HEADER_BYTES);

    if (has_source_mac(link, data, n)) {
        memcpy(frame->header + 6, data + link->mac_offset, 6);
    }
    frame->header[12] = (uint8_t) (type >> 8);
    frame->header[13] = (uint8_t) type;
    memcpy(frame->header + VSW_ETH_HEADER_BYTES, data + skip, n_kept);
    frame->header_bytes = VSW_ETH_HEADER_BYTES + n_kept;
}

bool
vsw_link_to_frame(const struct vsw_link *link, const uint8_t *data,
                  uint32_t n_captured, uint32_t n_original,
                  struct vsw_frame *frame)
{
    uint32_t n_network = n_original - min_u32(n_original, link->header_bytes);

    if (n_original > VSW_MAX_FRAME_BYTES - VSW_FCS_BYTES
                         - VSW_ETH_HEADER_BYTES) {
        return false;
    }
    memset(frame, 0, sizeof *frame);
    if (link->eth_type) {
        make_header(link, data, min_u32(n_captured, n_original), frame);
        frame->frame_bytes = n_network + VSW_ETH_HEADER_BYTES + VSW_FCS_BYTES;
    } else {
        frame->header_bytes = min_u32(min_u32(n_captured, n_original),
                                      VSW_HEADER_BYTES);
        memcpy(frame->header, data, frame->header_bytes);
        frame->frame_bytes = n_original + VSW_FCS_BYTES;
    }
    if (frame->frame_bytes < VSW_MIN_FRAME_BYTES) {
        frame->frame_bytes = VSW_MIN_FRAME_BYTES;
    }
    return true;
}
