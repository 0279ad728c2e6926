/* An access list read from a file. */
#ifndef LIVE_SWITCH_ACL_FILE_H
#define LIVE_SWITCH_ACL_FILE_H

#include <vswsim/acl.h>

struct acl_file {
    struct vsw_acl acl;
    void *memory;               /* Owned; holds the rules. */
};

/* Reads 'path', or makes an empty list if it is NULL.  A rule that does not
 * say "permit" or "deny" does the opposite of 'default_verdict'.  Returns 0,
 * or -1 after having said on standard error what is wrong. */
int acl_file_read(struct acl_file *file, const char *path,
                  uint8_t default_verdict);
void acl_file_free(struct acl_file *file);

#endif
