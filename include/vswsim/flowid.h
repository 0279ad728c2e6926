/* Flow identifiers: what flow tables map keys to.
 *
 * A number of the caller's, such as an index into an array of actions, so
 * that tables have one layout on every host. */
#ifndef VSWSIM_FLOWID_H
#define VSWSIM_FLOWID_H

#include <stdint.h>

/* No flow: the result of a miss.  Never a valid identifier. */
#define VSW_FLOW_NONE UINT32_MAX

#endif
