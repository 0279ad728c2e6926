/* Ethernet (MAC) address, as it stands in a frame. */
#ifndef VSWSIM_MAC_H
#define VSWSIM_MAC_H

#include <stdbool.h>
#include <stdint.h>

struct vsw_mac {
    uint8_t octets[6];
};

/* 'mac' as a number; the octet sent first is the highest. */
static inline uint64_t
vsw_mac_to_u64(const struct vsw_mac *mac)
{
    const uint8_t *o = mac->octets;
    uint32_t high = (uint32_t) o[0] << 24 | (uint32_t) o[1] << 16
                    | (uint32_t) o[2] << 8 | o[3];
    uint32_t low = (uint32_t) o[4] << 8 | o[5];

    return (uint64_t) high << 16 | low;
}

/* True for multicast and broadcast addresses. */
static inline bool
vsw_mac_is_group(const struct vsw_mac *mac)
{
    return mac->octets[0] & 1;
}

#endif
