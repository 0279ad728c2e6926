/* Link types: from what a capture holds to an Ethernet frame. */
#ifndef VSW_IO_TRACE_LINK_H
#define VSW_IO_TRACE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vswsim/workload.h>

#define VSW_ETH_HEADER_BYTES 14
#define VSW_FCS_BYTES        4
#define VSW_MIN_FRAME_BYTES  64

/* The largest frame that is believed: twice what Linux builds (BIG TCP,
 * 512 KiB).  A greater size in a capture is damage. */
#define VSW_MAX_FRAME_BYTES  (UINT32_C(1) << 20)

struct vsw_link {
    int dlt;
    const char *name;           /* "EN10MB" */
    bool has_macs;              /* Both addresses are in the capture. */
    uint32_t header_bytes;      /* In front of the network header. */
    /* EtherType of what follows, or 0 if the 'n' bytes do not tell. */
    uint16_t (*eth_type)(const uint8_t *data, size_t n);
    uint32_t mac_offset;        /* Of a source address, whose length is in
                                 * the byte before it; 0: none. */
};

/* The start of a frame, whatever its link type was. */
struct vsw_frame {
    uint8_t header[VSW_HEADER_BYTES];   /* Zero beyond 'header_bytes'. */
    uint32_t header_bytes;
    uint32_t frame_bytes;       /* On the wire, check sequence included. */
};

/* Returns NULL if there is no support for 'dlt'. */
const struct vsw_link *vsw_link_find(int dlt);

/* Names of the link types that are supported, for messages. */
const char *vsw_link_names(void);

/* Makes a frame of 'n_captured' bytes at 'data' of a packet that had
 * 'n_original'.  A link type without Ethernet header gets one: addresses zero
 * (or the source's, where it is recorded) and the EtherType.  Returns false
 * if the size is not believable. */
bool vsw_link_to_frame(const struct vsw_link *link, const uint8_t *data,
                       uint32_t n_captured, uint32_t n_original,
                       struct vsw_frame *frame);

#endif
