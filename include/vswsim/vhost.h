/* vhost ports of a poll-mode loop: two ways to move a packet between a
 * guest's buffers and the switch's.
 *
 * Copying (DPDK's vhost library, as ZCopy's paper describes it in section
 * II): one copy into an mbuf, one copy out of it.
 *
 * Remapping (ZCopy-vhost, IEEE Access 2019, sections III to V): the page that
 * holds the packet changes owner.  Five phases for a burst: read the
 * available descriptors; take pages from the host's pool; note the new page
 * of each guest frame in an array; enter the kernel once to write the EPT
 * entries and request one TLB flush of the guest; update the used ring.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_VHOST_H
#define VSWSIM_VHOST_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/pmd.h>

VSW_EXTERN_C_BEGIN

VSW_API extern const struct vsw_pmd_port_ops vsw_vhost_copy_ops;
VSW_API extern const struct vsw_pmd_port_ops vsw_vhost_remap_ops;

/* Which vCPUs a remap makes flush their TLBs. */
enum vsw_flush_scope {
    VSW_FLUSH_QUEUE_OWNER,      /* The one that uses the queue's pages. */
    VSW_FLUSH_ALL_VCPUS,        /* All of the guest that move packets. */
};

/* The 'ops_aux' of a loop that remaps. */
struct vsw_vhost_remap {
    bool locks;                 /* Lock each EPT update. */
    bool reverse_map;           /* EPT entries are found by array. */
    uint32_t flush_scope;       /* enum vsw_flush_scope */
    uint64_t n_pages;           /* Given to receivers, the whole run. */
};

/* Notes what ports that remap need and do: the area that the first 'n_guests'
 * ports of 'sw' share with 'n_pages' free ones, packet headers, and, for each
 * guest's page, a frame number and the address of its EPT entry (section IV);
 * and counts pages.  Returns 0 or -ENOMEM. */
VSW_API int vsw_vhost_remap_describe(const struct vsw_vhost_remap *remap,
                                     struct vsw_switch *sw,
                                     uint32_t n_guests, uint32_t n_pages);

VSW_EXTERN_C_END

#endif
