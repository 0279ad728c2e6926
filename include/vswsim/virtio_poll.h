/* Guest CPU that runs a polling virtio driver, as DPDK's pktgen does: one
 * loop that drains up to a burst from its receive queue and fills up to
 * a burst into its transmit queue, for ever.
 *
 * A burst is published at its end: a slot is visible from the write of the
 * index, not from when it was filled.  The driver declares the pages that it
 * touches, so that a TLB flush costs the walks that refill them.  A remapping
 * host is taken to map the guest's memory page by page, so each page is a TLB
 * entry of its own even where the guest uses huge pages; what lies together in
 * one structure or function shares its pages.
 *
 * Source: the set-up of ZCopy-vhost (IEEE Access 2019), section VII;
 * DPDK's virtio_rxtx.c.
 *
 * Modelled: one queue pair per CPU; descriptors, bursts, publication, kicks to
 * a backend that asks for them, page touches.  Left out: the touching of
 * payload (pktgen sends from a template and looks at headers only).
 *
 * Thread-safety: none. */
#ifndef VSWSIM_VIRTIO_POLL_H
#define VSWSIM_VIRTIO_POLL_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/switch.h>
#include <vswsim/tlb.h>
#include <vswsim/traffic.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

struct vsw_vnic;

struct vsw_virtio_poll {
    struct vsw_worker worker;
    struct vsw_source sources[2];   /* Receive, transmit. */
    struct vsw_switch *sw;
    struct vsw_queue *queue;
    struct vsw_vnic *vnic;      /* Whose backend is kicked, or NULL. */
    struct vsw_tlb tlb;
    struct vsw_traffic traffic;
    struct vsw_guest_pages pages;
    uint32_t burst_pkts;
    bool must_kick;             /* The backend has still to be told. */
    bool in_burst;              /* The rest of a burst is to be done: */
    uint32_t n_left;            /* most packets still, ... */
    uint32_t first;             /* ... slots from this count ... */
    uint32_t upto;              /* ... up to this, ... */
    uint64_t begun_ps;          /* ... as they were then. */
    uint64_t touched[2];        /* Flushes before the fixed pages of each
                                 * direction were touched last. */
};

/* Starts the driver of 'queue' on 'unit', which belongs to 'domain', at
 * 'start_ps'.  The caller has made 'traffic'.  Returns 0 or -ENOMEM. */
VSW_API int vsw_virtio_poll_start(struct vsw_virtio_poll *driver,
                                  struct vsw_switch *sw,
                                  struct vsw_queue *queue,
                                  struct vsw_unit *unit, uint32_t domain,
                                  uint64_t start_ps);

/* Whether the machine of 'sim' gives what a driver charges: 0, or -EINVAL with
 * 'err' filled. */
VSW_API int vsw_virtio_poll_check_costs(const struct vsw_sim *sim,
                                        struct vsw_error *err);
VSW_API void vsw_virtio_poll_fini(struct vsw_virtio_poll *driver);

VSW_EXTERN_C_END

#endif
