/* jhash: the hash that the Linux kernel computes in software.
 *
 * Two uses concern a switch.  When the NIC gave no hash, Linux hashes the
 * addresses and ports of a packet on first need (skb_get_hash(); by jhash in
 * the kernels of the published systems, 3.x).  And the kernel datapath of
 * Open vSwitch hashes the masked key once for each mask that it tries.
 *
 * Source: Bob Jenkins, lookup3.c, May 2006, public domain (hashlittle() and
 * hashword()); Linux include/linux/jhash.h, jhash() and jhash2(), which are
 * the same functions; Linux 3.14 net/core/flow_dissector.c for the flow hash.
 *
 * Words and results are those of a little-endian machine on every machine.
 *
 * Thread-safety: pure functions.  Memory that the caller passes is the
 * caller's to declare. */
#ifndef VSWSIM_JHASH_H
#define VSWSIM_JHASH_H

#include <stddef.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/toeplitz.h>

VSW_EXTERN_C_BEGIN

/* Hash of 'n_bytes' at 'data', any length and alignment. */
VSW_API uint32_t vsw_jhash(const void *data, size_t n_bytes, uint32_t seed);

/* Hash of 'n_words' words.  Equal to vsw_jhash() of their bytes in
 * little-endian order. */
VSW_API uint32_t vsw_jhash2(const uint32_t *words, size_t n_words,
                            uint32_t seed);

/* Flow hash of Linux 3.14: equal for both directions of a flow, never 0.
 * Without ports (a fragment, or no TCP, UDP, ...), pass zeros as ports. */
VSW_API uint32_t vsw_jhash_ipv4(const struct vsw_rss_ipv4 *tuple,
                                uint32_t seed);

/* The same for IPv6, whose addresses are first folded to 32 bits by XOR. */
VSW_API uint32_t vsw_jhash_ipv6(const struct vsw_rss_ipv6 *tuple,
                                uint32_t seed);

VSW_EXTERN_C_END

#endif
