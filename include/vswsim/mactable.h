/* MAC table: the port behind which each Ethernet address was last seen.
 *
 * Learning and ageing are those of IEEE 802.1Q clause 8.7 for one filtering
 * database shared by all VLANs.  Time is passed in, in nanoseconds of any
 * clock that does not run backward.
 *
 * An open-addressed hash table at half load: nearly every learn and lookup
 * uses one or two cache lines, and neither ever probes more than
 * VSW_MACTABLE_MAX_PROBES slots.  Like a hardware table it refuses to learn
 * what does not fit, and packets to such an address are flooded.
 *
 * Thread-safety: lookups may run side by side; a writer needs the table to
 * itself. */
#ifndef VSWSIM_MACTABLE_H
#define VSWSIM_MACTABLE_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/mac.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

/* What a lookup returns for an address behind no known port. */
#define VSW_PORT_FLOOD UINT32_MAX

/* The highest port that a table can hold. */
#define VSW_MACTABLE_MAX_PORT UINT32_C(65535)

/* Most slots of 16 bytes, four to a line, that one operation looks at. */
#define VSW_MACTABLE_MAX_PROBES 128

struct vsw_mactable;

/* Makes a table for up to 'max_entries' addresses (1 to 2^24), in memory of
 * 'arena' that is given back only with the arena.  A learned address is
 * forgotten when it was not seen for 'max_age_ns' (300 s is usual; 0 stands
 * for never) or up to 1/256 of it longer: an entry is not written again for
 * each packet, so that its line can stay shared among CPUs.
 *
 * Returns NULL with 'arena' unchanged if it has too little room or
 * 'max_entries' is out of range. */
VSW_API struct vsw_mactable *vsw_mactable_new(struct vsw_arena *arena,
                                              uint32_t max_entries,
                                              uint64_t max_age_ns);

/* Notes that a frame from 'mac' came in on 'port' (at most
 * VSW_MACTABLE_MAX_PORT) at 'now_ns', which moves an address that was known
 * behind another port.  Static entries stay as they are.
 *
 * Returns 0; -EINVAL for a group address, which no station sends from; or
 * -ENOSPC with the table unchanged if there is no room, after looking at a few
 * slots for an entry that is out of date. */
VSW_API int vsw_mactable_learn(struct vsw_mactable *mt,
                               const struct vsw_mac *mac, uint32_t port,
                               uint64_t now_ns, struct vsw_memobs *obs);

/* Returns the port behind which 'mac' is known at 'now_ns', or
 * VSW_PORT_FLOOD. */
VSW_API uint32_t vsw_mactable_lookup(const struct vsw_mactable *mt,
                                     const struct vsw_mac *mac,
                                     uint64_t now_ns, struct vsw_memobs *obs);

/* Ties 'mac', which may be a group address, to 'port' until it is removed.
 * Takes the place of what was learned, or of an earlier static entry.
 * Returns 0, or -ENOSPC as vsw_mactable_learn() does. */
VSW_API int vsw_mactable_add_static(struct vsw_mactable *mt,
                                    const struct vsw_mac *mac, uint32_t port,
                                    uint64_t now_ns, struct vsw_memobs *obs);

/* Removes the entry of 'mac', static or learned.  Returns false if there was
 * none. */
VSW_API bool vsw_mactable_remove(struct vsw_mactable *mt,
                                 const struct vsw_mac *mac,
                                 struct vsw_memobs *obs);

/* Removes every learned entry that is out of date at 'now_ns' and returns how
 * many.  Never needed for correct lookups; visits the whole table. */
VSW_API uint32_t vsw_mactable_expire(struct vsw_mactable *mt, uint64_t now_ns,
                                     struct vsw_memobs *obs);

/* Removes every learned entry of 'port', whose link went down, and returns
 * how many.  Visits the whole table. */
VSW_API uint32_t vsw_mactable_flush_port(struct vsw_mactable *mt,
                                         uint32_t port,
                                         struct vsw_memobs *obs);

/* Entries that occupy room, those out of date but not yet removed included. */
VSW_API uint32_t vsw_mactable_n_entries(const struct vsw_mactable *mt);

VSW_EXTERN_C_END

#endif
