/* FIB: which port serves an address, as configured and not as learned.
 *
 * Two tables: MAC address and VLAN to port, and IPv4 prefix to port, the
 * longest prefix first.  Both are sorted arrays that a control plane asks
 * once per flow: a lookup is one binary search of the first and, per prefix
 * length in use, one of the second; an insertion moves what lies behind it.
 *
 * Thread-safety: lookups may run side by side while nobody changes it. */
#ifndef VSWSIM_FIB_H
#define VSWSIM_FIB_H

#include <stddef.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/flowkey.h>
#include <vswsim/mac.h>
#include <vswsim/mactable.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

struct vsw_fib_params {
    uint32_t max_macs;
    uint32_t max_prefixes;
};

struct vsw_fib_entry {
    uint64_t key;               /* VLAN and MAC, or length and prefix. */
    uint32_t port;
};

struct vsw_fib_table {
    struct vsw_fib_entry *entries;      /* In the arena, by rising key. */
    uint32_t n_entries;
    uint32_t max_entries;
};

struct vsw_fib {
    struct vsw_fib_table macs;
    struct vsw_fib_table prefixes;
    uint64_t lengths;           /* Bit n: some prefix is n bits long. */
};

/* Initializes an empty 'fib' with memory from 'arena', which must outlive it.
 * Returns 0, or -ENOMEM with 'arena' unchanged if it has too little room. */
VSW_API int vsw_fib_init(struct vsw_fib *fib, struct vsw_arena *arena,
                         const struct vsw_fib_params *params);

/* Ties 'mac' in VLAN 'vlan' (0 to 4095; 0: untagged) to 'port', in place of
 * any port before.  Returns 0, -EINVAL for a VLAN out of range or a 'port' of
 * VSW_PORT_FLOOD, or -ENOSPC with 'fib' unchanged if it is full. */
VSW_API int vsw_fib_add_mac(struct vsw_fib *fib, const struct vsw_mac *mac,
                            uint32_t vlan, uint32_t port);

/* Ties the first 'len' bits (0 to 32) of 'ip' to 'port' in the same way; the
 * other bits are ignored. */
VSW_API int vsw_fib_add_prefix(struct vsw_fib *fib, uint32_t ip, uint32_t len,
                               uint32_t port);

/* The port for the packet of 'key': that of its destination MAC address and
 * outer VLAN; else, for IPv4, of the longest prefix of its destination; else
 * VSW_PORT_FLOOD. */
VSW_API uint32_t vsw_fib_lookup(const struct vsw_fib *fib,
                                const struct vsw_flowkey *key,
                                struct vsw_memobs *obs);

VSW_EXTERN_C_END

#endif
