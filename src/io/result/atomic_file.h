/* Output files that are whole or not there.
 *
 * Errors: VSW_ERROR_CANNOT_CREATE if a directory or file cannot be made,
 * VSW_ERROR_IO if writing fails later, as on a full disk. */
#ifndef IO_ATOMIC_FILE_H
#define IO_ATOMIC_FILE_H

#include <stddef.h>

#include <vswsim/error.h>

/* Makes 'dir' and its parents where they are missing. */
int vsw_atomic_mkdir(const char *dir, struct vsw_error *err);

/* Writes 'len' bytes as 'dir'/'name': to a temporary name in the same
 * directory first, synced, then renamed.  On failure what was there before
 * stays, and no temporary file is left. */
int vsw_atomic_write(const char *dir, const char *name, const void *bytes,
                     size_t len, struct vsw_error *err);

/* Writes all of 'bytes' to 'fd' and syncs it; 'path' is for the message. */
int vsw_atomic_write_fd(int fd, const char *path, const void *bytes,
                        size_t len, struct vsw_error *err);

#endif
