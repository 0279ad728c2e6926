#include "io/trace/trace_gen_frame.h"

#include <stddef.h>
#include <string.h>

#define ETH_BYTES   14
#define IP_BYTES    20
#define UDP_BYTES   8
#define TCP_BYTES   20

#define PROTO_TCP   6
#define PROTO_UDP   17

#define NET_10      UINT32_C(0x0a000000)    /* 10.0.0.0 */

static void
put16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t) (value >> 8);
    to[1] = (uint8_t) value;
}

static void
put32(uint8_t *to, uint32_t value)
{
    put16(to, value >> 16);
    put16(to + 2, value);
}

/* RFC 1071; 'n_bytes' is even. */
static uint32_t
sum16(const uint8_t *data, size_t n_bytes)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < n_bytes; i += 2) {
        sum += (uint32_t) data[i] << 8 | data[i + 1];
    }
    return sum;
}

static uint16_t
fold(uint32_t sum)
{
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t) ~sum;
}

uint32_t
vsw_gen_payload_bytes(enum vsw_trace_proto proto, uint32_t n_bytes)
{
    uint32_t l4_bytes = proto == VSW_TRACE_TCP ? TCP_BYTES : UDP_BYTES;

    return n_bytes - ETH_BYTES - IP_BYTES - l4_bytes;
}

static void
put_mac(uint8_t *to, uint32_t host)
{
    to[0] = 0x02;
    put32(to + 2, host);
}

static void
make_ip(uint8_t *ip, const struct vsw_gen_packet *p)
{
    ip[0] = 0x45;
    put16(ip + 2, p->n_bytes - ETH_BYTES);
    put16(ip + 6, 0x4000);                  /* Do not fragment. */
    ip[8] = 64;
    ip[9] = p->proto == VSW_TRACE_TCP ? PROTO_TCP : PROTO_UDP;
    put32(ip + 12, NET_10 + p->from);
    put32(ip + 16, NET_10 + p->to);
    put16(ip + 10, fold(sum16(ip, IP_BYTES)));
}

/* The pseudo-header: addresses, protocol and length. */
static uint32_t
pseudo_sum(const uint8_t *ip, uint32_t l4_bytes)
{
    return sum16(ip + 12, 8) + ip[9] + l4_bytes;
}

static void
make_udp(uint8_t *udp, const uint8_t *ip, uint32_t l4_bytes)
{
    uint16_t checksum;

    put16(udp + 4, l4_bytes);
    checksum = fold(pseudo_sum(ip, l4_bytes) + sum16(udp, UDP_BYTES));
    put16(udp + 6, checksum ? checksum : 0xffff);   /* 0 means none. */
}

static void
make_tcp(uint8_t *tcp, const uint8_t *ip, uint32_t l4_bytes, uint32_t seq)
{
    put32(tcp + 4, seq);
    put32(tcp + 8, 1);
    put16(tcp + 12, 0x5018);                /* 20 bytes; PSH and ACK. */
    put16(tcp + 14, 65535);
    put16(tcp + 16, fold(pseudo_sum(ip, l4_bytes) + sum16(tcp, TCP_BYTES)));
}

void
vsw_gen_make_header(uint8_t *header, const struct vsw_gen_packet *p)
{
    uint8_t *ip = header + ETH_BYTES;
    uint8_t *l4 = ip + IP_BYTES;
    uint32_t l4_bytes = p->n_bytes - ETH_BYTES - IP_BYTES;

    memset(header, 0, VSW_GEN_MAX_HEADER_BYTES);
    put_mac(header, p->to);
    put_mac(header + 6, p->from);
    put16(header + 12, 0x0800);
    make_ip(ip, p);
    put16(l4, p->from_port);
    put16(l4 + 2, p->to_port);
    if (p->proto == VSW_TRACE_TCP) {
        make_tcp(l4, ip, l4_bytes, p->tcp_seq);
    } else {
        make_udp(l4, ip, l4_bytes);
    }
}
