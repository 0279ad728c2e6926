/* Five-tuple: what access lists and classifier rules look at in IPv4.
 *
 * Addresses and ports are numbers in host order: 10.0.0.1 is 0x0a000001. */
#ifndef VSWSIM_FIVETUPLE_H
#define VSWSIM_FIVETUPLE_H

#include <stdbool.h>
#include <stdint.h>

/* Protocol numbers that carry ports. */
#define VSW_IP_PROTO_TCP  6
#define VSW_IP_PROTO_UDP  17
#define VSW_IP_PROTO_SCTP 132

struct vsw_fivetuple {
    uint32_t src_ip;
    uint32_t dst_ip;
    uint16_t src_port;      /* 0 unless 'has_ports'. */
    uint16_t dst_port;
    uint8_t proto;
    bool has_ports;         /* False: another protocol, or a later fragment. */
};

/* The address bits that a prefix of 'len' bits (0 to 32) fixes. */
static inline uint32_t
vsw_ipv4_mask(unsigned int len)
{
    return len == 0 ? 0 : UINT32_MAX << (32 - len);
}

#endif
