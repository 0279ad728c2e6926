/* RSS hash of a flow key: the one that a NIC gives with the packet.
 *
 * A rule whose hash is computed when it is inserted is found later by the hash
 * in the receive descriptor, and no packet is hashed in software. */
#ifndef VSWSIM_RSS_H
#define VSWSIM_RSS_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/flowkey.h>
#include <vswsim/memobs.h>
#include <vswsim/toeplitz.h>

VSW_EXTERN_C_BEGIN

/* Transport protocols whose ports are hashed; other packets of IPv4 and IPv6,
 * and fragments, by addresses only.  Drivers often leave out UDP. */
#define VSW_RSS_TCP   1u
#define VSW_RSS_UDP   2u
#define VSW_RSS_SCTP  4u

/* Hash of the packets of 'key' by a NIC that has the key of 't' and hashes the
 * ports of 'protos' (VSW_RSS_*).  0 for what is not IP, as NICs report it. */
VSW_API uint32_t vsw_rss_hash(const struct vsw_toeplitz *t,
                              const struct vsw_flowkey *key,
                              unsigned int protos, struct vsw_memobs *obs);

VSW_EXTERN_C_END

#endif
