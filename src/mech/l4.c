#include <vswsim/l4.h>

#include <stdbool.h>
#include <string.h>

#define ETH_BYTES 14u
#define IP_BYTES  20u
#define TCP_BYTES 20u
#define UDP_BYTES 8u

#define PROTO_TCP 6u
#define PROTO_UDP 17u

/* As the window scale option of the SYN says; tcp.h keeps to it. */
#define WINDOW_SHIFT 7u

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
    put16(to + 2, value & 0xffff);
}

/* RFC 1071; 'n_bytes' is even. */
static uint32_t
add16(uint32_t sum, const uint8_t *data, uint32_t n_bytes)
{
    for (uint32_t i = 0; i < n_bytes; i += 2) {
        sum += (uint32_t) data[i] << 8 | data[i + 1];
    }
    return sum;
}

static uint32_t
fold(uint32_t sum)
{
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return ~sum & 0xffff;
}

static void
write_ip(uint8_t *ip, uint32_t proto, uint32_t id, uint32_t n_bytes)
{
    put16(ip + 2, n_bytes);
    put16(ip + 4, id & 0xffff);
    ip[9] = (uint8_t) proto;
    put16(ip + 10, 0);
    put16(ip + 10, fold(add16(0, ip, IP_BYTES)));
}

/* Checksum of 'n_header' bytes at 'l4' followed by zeros, 'n_bytes' in all,
 * with the pseudo-header. */
static uint32_t
checksum(const uint8_t *ip, const uint8_t *l4, uint32_t n_header,
         uint32_t n_bytes)
{
    return fold(add16(add16(ip[9] + n_bytes, ip + 12, 8), l4, n_header));
}

static uint32_t
write_timestamps(uint8_t *to, const struct vsw_l4 *l4)
{
    static const uint8_t kind[] = {1, 1, 8, 10};

    memcpy(to, kind, sizeof kind);
    put32(to + 4, l4->ts_val);
    put32(to + 8, l4->ts_ecr);
    return 12;
}

/* Options of a SYN: MSS, window scale; then timestamps. */
static uint32_t
write_syn_options(uint8_t *to, const struct vsw_l4 *l4)
{
    to[0] = 2;
    to[1] = 4;
    /* What fits beside the timestamps is less by these. */
    put16(to + 2, l4->seg_bytes + 12u);
    to[4] = 1;
    to[5] = 3;
    to[6] = 3;
    to[7] = WINDOW_SHIFT;
    return 8 + write_timestamps(to + 8, l4);
}

static uint32_t
write_tcp(uint8_t *ip, const struct vsw_l4 *l4)
{
    uint8_t *tcp = ip + IP_BYTES;
    bool syn = l4->flags & VSW_TCP_SYN;
    uint32_t n = TCP_BYTES + (syn ? write_syn_options(tcp + TCP_BYTES, l4)
                                  : write_timestamps(tcp + TCP_BYTES, l4));
    uint32_t window = syn ? l4->window_bytes
                          : l4->window_bytes >> WINDOW_SHIFT;

    put32(tcp + 4, l4->seq);
    put32(tcp + 8, l4->ack);
    tcp[12] = (uint8_t) (n / 4 << 4);
    tcp[13] = l4->flags;
    put16(tcp + 14, window < 0xffff ? window : 0xffff);
    put16(tcp + 16, 0);
    put16(tcp + 18, 0);
    write_ip(ip, PROTO_TCP, l4->seq, IP_BYTES + n + l4->payload_bytes);
    put16(tcp + 16, checksum(ip, tcp, n, n + l4->payload_bytes));
    return n;
}

static uint32_t
write_udp(uint8_t *ip, const struct vsw_l4 *l4)
{
    uint8_t *udp = ip + IP_BYTES;
    uint32_t n_bytes = UDP_BYTES + l4->payload_bytes;
    uint32_t sum;

    put16(udp + 4, n_bytes);
    put16(udp + 6, 0);
    write_ip(ip, PROTO_UDP, l4->seq, IP_BYTES + n_bytes);
    sum = checksum(ip, udp, UDP_BYTES, n_bytes);
    put16(udp + 6, sum ? sum : 0xffff);     /* 0 means none. */
    return UDP_BYTES;
}

uint32_t
vsw_l4_write(uint8_t *bytes, const struct vsw_pkt *pkt,
             const struct vsw_workload_flow *flow)
{
    uint8_t *ip = bytes + ETH_BYTES;
    bool is_ipv4 = flow->header[12] == 8 && flow->header[13] == 0
                   && flow->header[14] == 0x45;

    if (pkt->l4.proto == VSW_L4_NONE || !is_ipv4) {
        return 0;
    }
    memset(bytes, 0, VSW_L4_MAX_HEADER_BYTES);
    memcpy(bytes, flow->header, ETH_BYTES + IP_BYTES + 4);
    return ETH_BYTES + IP_BYTES
           + (pkt->l4.proto == VSW_L4_TCP ? write_tcp(ip, &pkt->l4)
                                          : write_udp(ip, &pkt->l4));
}
