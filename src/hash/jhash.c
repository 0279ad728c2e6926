#include <vswsim/jhash.h>

#include <string.h>

/* Arbitrary start value of lookup3.c. */
#define JHASH_INIT 0xdeadbeefu

struct state {
    uint32_t a, b, c;
};

static inline uint32_t
rotate(uint32_t x, unsigned n_bits)
{
    return x << n_bits | x >> (32 - n_bits);
}

/* Reversibly mixes three words; mix() of lookup3.c. */
static inline void
mix(struct state *s)
{
    s->a -= s->c;
    s->a ^= rotate(s->c, 4);
    s->c += s->b;
    s->b -= s->a;
    s->b ^= rotate(s->a, 6);
    s->a += s->c;
    s->c -= s->b;
    s->c ^= rotate(s->b, 8);
    s->b += s->a;
    s->a -= s->c;
    s->a ^= rotate(s->c, 16);
    s->c += s->b;
    s->b -= s->a;
    s->b ^= rotate(s->a, 19);
    s->a += s->c;
    s->c -= s->b;
    s->c ^= rotate(s->b, 4);
    s->b += s->a;
}

/* Makes 'c' depend on all bits; final() of lookup3.c. */
static inline uint32_t
finish(struct state *s)
{
    s->c ^= s->b;
    s->c -= rotate(s->b, 14);
    s->a ^= s->c;
    s->a -= rotate(s->c, 11);
    s->b ^= s->a;
    s->b -= rotate(s->a, 25);
    s->c ^= s->b;
    s->c -= rotate(s->b, 16);
    s->a ^= s->c;
    s->a -= rotate(s->c, 4);
    s->b ^= s->a;
    s->b -= rotate(s->a, 14);
    s->c ^= s->b;
    s->c -= rotate(s->b, 24);
    return s->c;
}

static inline struct state
start(size_t n_bytes, uint32_t seed)
{
    uint32_t word = JHASH_INIT + (uint32_t) n_bytes + seed;

    return (struct state) { word, word, word };
}

static inline uint32_t
load_le32(const uint8_t *p)
{
    return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16
           | (uint32_t) p[3] << 24;
}

static inline void
add_block(struct state *s, const uint8_t *p)
{
    s->a += load_le32(p);
    s->b += load_le32(p + 4);
    s->c += load_le32(p + 8);
}

uint32_t
vsw_jhash(const void *data, size_t n_bytes, uint32_t seed)
{
    struct state s = start(n_bytes, seed);
    const uint8_t *p = data;
    uint8_t last[12] = { 0 };

    for (; n_bytes > sizeof last; n_bytes -= sizeof last) {
        add_block(&s, p);
        mix(&s);
        p += sizeof last;
    }
    if (n_bytes == 0) {
        return s.c;
    }
    memcpy(last, p, n_bytes);
    add_block(&s, last);
    return finish(&s);
}

uint32_t
vsw_jhash2(const uint32_t *words, size_t n_words, uint32_t seed)
{
    struct state s = start(n_words * sizeof *words, seed);

    for (; n_words > 3; n_words -= 3) {
        s.a += words[0];
        s.b += words[1];
        s.c += words[2];
        mix(&s);
        words += 3;
    }
    if (n_words == 0) {
        return s.c;
    }
    s.c += n_words > 2 ? words[2] : 0;
    s.b += n_words > 1 ? words[1] : 0;
    s.a += words[0];
    return finish(&s);
}

/* The two ends of a flow; ports as 16 little-endian bits. */
struct ends {
    uint32_t src, dst;
    uint32_t src_port, dst_port;
};

static uint32_t
load_le16(const uint8_t *p)
{
    return (uint32_t) p[0] | (uint32_t) p[1] << 8;
}

/* Linux calls this __flow_hash_3words(), of a flow whose ends it has ordered
 * so that both directions agree; it compares in the machine's byte order.  A
 * hash of 0 stands for "none", hence the 1. */
static uint32_t
hash_ends(struct ends e, uint32_t seed)
{
    uint32_t words[3];
    uint32_t hash;

    if (e.dst < e.src || (e.dst == e.src && e.dst_port < e.src_port)) {
        e = (struct ends) { e.dst, e.src, e.dst_port, e.src_port };
    }
    words[0] = e.dst;
    words[1] = e.src;
    words[2] = e.dst_port << 16 | e.src_port;
    hash = vsw_jhash2(words, 3, seed);
    return hash ? hash : 1;
}

uint32_t
vsw_jhash_ipv4(const struct vsw_rss_ipv4 *tuple, uint32_t seed)
{
    return hash_ends((struct ends) { load_le32(tuple->src),
                                     load_le32(tuple->dst),
                                     load_le16(tuple->src_port),
                                     load_le16(tuple->dst_port) },
                     seed);
}

static uint32_t
fold(const uint8_t address[16])
{
    return load_le32(address) ^ load_le32(address + 4)
           ^ load_le32(address + 8) ^ load_le32(address + 12);
}

uint32_t
vsw_jhash_ipv6(const struct vsw_rss_ipv6 *tuple, uint32_t seed)
{
    return hash_ends((struct ends) { fold(tuple->src), fold(tuple->dst),
                                     load_le16(tuple->src_port),
                                     load_le16(tuple->dst_port) },
                     seed);
}
