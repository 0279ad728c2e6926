/* Exact-match table: keys of one fixed size to flow identifiers.
 *
 * Our own layout, made for one cache line per lookup.  Key and value lie in
 * the same bucket, a line for keys of up to 56 bytes; the keys of a bucket
 * are compared without a branch; a free slot needs no test, since its value
 * says "miss".  A key that found its bucket full went to one of the next
 * buckets, and each bucket counts the keys that passed it, so that lookups go
 * on only where some key did (as the overflow count of Folly's F14 does).
 *
 * The caller hashes: the table takes any 32-bit hash, such as the one that a
 * NIC gives with the packet, and the same key must always come with the same
 * hash.  Colliding hashes cost time, bounded by VSW_EXACT_MAX_STEPS lines per
 * operation, and room, but never a wrong answer.
 *
 * Thread-safety: lookups may run side by side; a writer needs the table to
 * itself. */
#ifndef VSWSIM_EXACT_H
#define VSWSIM_EXACT_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/flowid.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

#define VSW_EXACT_MAX_KEY_BYTES 64
#define VSW_EXACT_MAX_ENTRIES   (UINT32_C(1) << 24)

/* Most keys in one bulk lookup. */
#define VSW_EXACT_MAX_BULK 64

/* Most buckets that one operation looks at. */
#define VSW_EXACT_MAX_STEPS 128

struct vsw_exact;

/* Makes a table for 'max_entries' keys of 'key_bytes', a multiple of 4 up to
 * VSW_EXACT_MAX_KEY_BYTES.  It is filled to 5/9 at most, or 1/2 where a bucket
 * has one slot: about 38 bytes per entry for 16-byte keys, 128 for those of 28
 * to 56 bytes, and 256 above.  Returns NULL with 'arena' unchanged if it
 * has too little room or an argument is out of range. */
VSW_API struct vsw_exact *vsw_exact_new(struct vsw_arena *arena,
                                        uint32_t key_bytes,
                                        uint32_t max_entries);

/* Returns the flow of the 'key_bytes' at 'key', or VSW_FLOW_NONE.
 * Touches the bucket, and the next ones if a key passed it. */
VSW_API uint32_t vsw_exact_lookup(const struct vsw_exact *t, const void *key,
                                  uint32_t hash, struct vsw_memobs *obs);

/* Looks up 'n' (up to VSW_EXACT_MAX_BULK) keys and writes flows[i] for each.
 * Returns a mask with bit i set if keys[i] was found.  Waits for memory once
 * per bulk and not once per key. */
VSW_API uint64_t vsw_exact_lookup_bulk(const struct vsw_exact *t,
                                       const void *const keys[],
                                       const uint32_t hashes[], uint32_t n,
                                       uint32_t flows[],
                                       struct vsw_memobs *obs);

/* Maps 'key' to 'flow' (not VSW_FLOW_NONE), whether it was there or not.
 * Returns 0, or -ENOSPC with the table unchanged if 'max_entries' are there or
 * all the buckets in reach are full. */
VSW_API int vsw_exact_insert(struct vsw_exact *t, const void *key,
                             uint32_t hash, uint32_t flow,
                             struct vsw_memobs *obs);

/* As vsw_exact_insert(), for a cache: if there is no room, the new key takes
 * the place of one in its bucket.  Always succeeds, unless the bucket is empty
 * and the table full: then returns -ENOSPC with the table unchanged. */
VSW_API int vsw_exact_replace(struct vsw_exact *t, const void *key,
                              uint32_t hash, uint32_t flow,
                              struct vsw_memobs *obs);

/* Removes 'key'.  Returns the flow that it had, or VSW_FLOW_NONE. */
VSW_API uint32_t vsw_exact_remove(struct vsw_exact *t, const void *key,
                                  uint32_t hash, struct vsw_memobs *obs);

/* Removes every key.  Visits the whole table. */
VSW_API void vsw_exact_clear(struct vsw_exact *t, struct vsw_memobs *obs);

VSW_API uint32_t vsw_exact_n_entries(const struct vsw_exact *t);

/* Bytes of the buckets. */
VSW_API uint64_t vsw_exact_size_bytes(const struct vsw_exact *t);

/* True if the table's inner counts agree with what it holds; for tests. */
VSW_API bool vsw_exact_is_sound(const struct vsw_exact *t);

VSW_EXTERN_C_END

#endif
