/* Audit: with --check, looks over the rings and packets of a switch while it
 * runs.
 *
 * Every packet has one place: it is free, or in one slot of one ring, or in
 * the hands of a worker.  Every buffer is behind one slot at most.  Every
 * ring keeps its counts and stamps in order.
 *
 * Thread-safety: none; part of one simulation. */
#ifndef VSWSIM_AUDIT_H
#define VSWSIM_AUDIT_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/switch.h>

VSW_EXTERN_C_BEGIN

struct vsw_audit {
    const struct vsw_switch *sw;    /* Borrowed. */
    uint8_t *marks;                 /* For packets, then for buffers. */
    uint32_t n_marks;
};

/* Lets the simulation of 'sw', whose ports exist, call the audit.  Returns 0
 * or -ENOMEM. */
VSW_API int vsw_audit_start(struct vsw_audit *audit, struct vsw_switch *sw);
VSW_API void vsw_audit_fini(struct vsw_audit *audit);

/* A vsw_audit_fn: the rule that is broken now, or NULL. */
VSW_API const char *vsw_audit_look(const void *audit);

VSW_EXTERN_C_END

#endif
