/* Toeplitz hash: what a NIC's receive-side scaling (RSS) computes.
 *
 * For each set bit of the input, from the first bit of the first byte on, the
 * result is XORed with the 32 key bits that start at that bit's position.  An
 * input is the fields as they stand in the packet, in network byte order:
 * source address, destination address and, with ports, source port and
 * destination port (struct vsw_rss_ipv4, struct vsw_rss_ipv6).
 *
 * Sources: Krawczyk, "New Hash Functions for Message Authentication",
 * EUROCRYPT '95; Microsoft, "RSS Hashing Types" and "Verifying the RSS Hash
 * Calculation" (Windows driver documentation), whose suite the tests contain.
 *
 * Every form gives the same result.  The declared memory accesses are those
 * of the table-driven form, whichever one runs: what a simulated machine
 * pays must not depend on the host's CPU.
 *
 * Thread-safety: a hash object is read-only once it is made. */
#ifndef VSWSIM_TOEPLITZ_H
#define VSWSIM_TOEPLITZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

/* A key serves inputs that are at least 4 bytes shorter than itself. */
#define VSW_TOEPLITZ_KEY_BYTES       40     /* The usual RSS key. */
#define VSW_TOEPLITZ_LONG_KEY_BYTES  52     /* Of NICs such as the i40e. */
#define VSW_TOEPLITZ_MAX_INPUT_BYTES (VSW_TOEPLITZ_LONG_KEY_BYTES - 4)

/* Inputs as they lie in a packet; without ports, hash only
 * VSW_RSS_IPV4_BYTES or VSW_RSS_IPV6_BYTES of them. */
struct vsw_rss_ipv4 {
    uint8_t src[4];
    uint8_t dst[4];
    uint8_t src_port[2];
    uint8_t dst_port[2];
};

struct vsw_rss_ipv6 {
    uint8_t src[16];
    uint8_t dst[16];
    uint8_t src_port[2];
    uint8_t dst_port[2];
};

#define VSW_RSS_IPV4_BYTES       8
#define VSW_RSS_IPV4_PORTS_BYTES 12
#define VSW_RSS_IPV6_BYTES       32
#define VSW_RSS_IPV6_PORTS_BYTES 36

/* How the hash is computed. */
enum vsw_toeplitz_form {
    VSW_TOEPLITZ_AUTO,          /* The fastest that this CPU runs. */
    VSW_TOEPLITZ_BITWISE,       /* The reference: bit by bit. */
    VSW_TOEPLITZ_TABLE,         /* One table look-up per byte; portable. */
    VSW_TOEPLITZ_AVX2,          /* Carry-less product, 128 bits. */
    VSW_TOEPLITZ_VPCLMUL,       /* Carry-less product, 256 bits. */
    VSW_TOEPLITZ_AVX512,        /* Carry-less product, 512 bits, and GFNI. */
    VSW_TOEPLITZ_AUTOVALIDATE,  /* All of them; traps if two disagree. */
    VSW_TOEPLITZ_N_FORMS,
};

struct vsw_toeplitz;

/* Name of 'form', for messages. */
VSW_API const char *vsw_toeplitz_form_name(enum vsw_toeplitz_form form);

/* Whether this build has 'form' and this CPU can run it. */
VSW_API bool vsw_toeplitz_has_form(enum vsw_toeplitz_form form);

/* Makes a hash with the 'n_key_bytes' (40 or 52) at 'key', which are copied.
 * In a build with VSW_HASH_AUTOVALIDATE, VSW_TOEPLITZ_AUTO means
 * VSW_TOEPLITZ_AUTOVALIDATE.
 *
 * Takes about 1 KiB of 'arena' per input byte that the key allows, in every
 * form.  Returns NULL, with 'arena' unchanged, if that does not fit, the key
 * length is another, or this CPU does not have 'form'. */
VSW_API struct vsw_toeplitz *
vsw_toeplitz_new(struct vsw_arena *arena, const uint8_t *key,
                 size_t n_key_bytes, enum vsw_toeplitz_form form);

/* The form that 't' runs; never VSW_TOEPLITZ_AUTO. */
VSW_API enum vsw_toeplitz_form
vsw_toeplitz_form(const struct vsw_toeplitz *t);

/* Hash of the 'n_bytes' at 'input', at most the key's length less 4. */
VSW_API uint32_t vsw_toeplitz_hash(const struct vsw_toeplitz *t,
                                   const void *input, size_t n_bytes,
                                   struct vsw_memobs *obs);

/* Writes the hashes of 'n' inputs of 'n_bytes' each to 'hashes'.  Input i
 * starts 'stride_bytes' * i after 'inputs'; 'stride_bytes' >= 'n_bytes'.
 * May read what lies between two inputs; reads nothing after the last. */
VSW_API void vsw_toeplitz_hash_bulk(const struct vsw_toeplitz *t,
                                    const void *inputs, size_t stride_bytes,
                                    size_t n_bytes, uint32_t *hashes,
                                    size_t n, struct vsw_memobs *obs);

/* Hash of an input whose hash was 'hash', after the 'n_bytes' at
 * 'offset_bytes' in it have changed from 'before' to 'after' (the hash is
 * linear, so that the rest of the input need not be known).  Serves NAT: a
 * rewritten port costs two bytes and not a whole tuple. */
VSW_API uint32_t vsw_toeplitz_update(const struct vsw_toeplitz *t,
                                     uint32_t hash, size_t offset_bytes,
                                     const void *before, const void *after,
                                     size_t n_bytes, struct vsw_memobs *obs);

/* Fills 'key' so that both directions of a connection have the same hash: 16
 * bits repeated, since swapping addresses, or ports, then swaps equal parts.
 * Source: Woo and Park, "Scalable TCP Session Monitoring with Symmetric
 * Receive-side Scaling", KAIST technical report, 2012. */
VSW_API void vsw_toeplitz_symmetric_key(uint8_t *key, size_t n_key_bytes);

/* The key of Microsoft's verification suite, which many drivers ship. */
VSW_API extern const uint8_t
    vsw_toeplitz_default_key[VSW_TOEPLITZ_KEY_BYTES];

VSW_EXTERN_C_END

#endif
