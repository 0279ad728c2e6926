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
    uint64_t value = 0;

    for (int i = 0; i < 6; i++) {
        value = value << 8 | mac->octets[i];
    }
    return value;
}

/* True for multicast and broadcast addresses. */
static inline bool
vsw_mac_is_group(const struct vsw_mac *mac)
{
    return mac->octets[0] & 1;
}

#endif
