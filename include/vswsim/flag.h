/* Flag: one bit that one unit writes and others read, such as "wake me".
 *
 * A write is stamped with the writer's local time; a reader sees, at its
 * sync, the last write stamped at or before that.  A writer may run ahead of
 * its readers by a quantum and write several times in a call.
 *
 * The usual handshake needs both sides to look again after they wrote: who
 * waits sets the flag and then, at sync, looks at its ring once more; who
 * publishes reads the flag at a sync not before the stamp of what it
 * published.  Then at least one of them sees what the other did.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_FLAG_H
#define VSWSIM_FLAG_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/unit.h>

VSW_EXTERN_C_BEGIN

/* Writes of one call that differ in their stamps. */
#define VSW_FLAG_N_WRITES 4

struct vsw_flag {
    bool settled;               /* Before the writes below. */
    uint32_t n_writes;
    bool values[VSW_FLAG_N_WRITES];
    uint64_t stamps_ps[VSW_FLAG_N_WRITES];  /* Rising. */
};

VSW_API void vsw_flag_init(struct vsw_flag *flag, bool value);

/* Writes 'value' at the local time of 'writer', always the same unit. */
VSW_API void vsw_flag_set(struct vsw_flag *flag, const struct vsw_unit *writer,
                          bool value);

/* What 'reader', which must be at sync, sees. */
VSW_API bool vsw_flag_read(const struct vsw_flag *flag,
                           const struct vsw_unit *reader);

VSW_EXTERN_C_END

#endif
