/* NIC ports of a poll-mode loop, as DPDK's drivers for such NICs work.
 *
 * Nothing is copied: a received packet stays in the buffer that the NIC wrote
 * to, and a fresh one from the loop's pool is posted in its place; a packet to
 * send leaves its buffer behind its descriptor, and the buffer that was sent
 * there before goes back to the pool.  One doorbell per burst and direction.
 *
 * The queues' 'buf_bytes' must be that of the loop's mbufs, and the queues
 * must be those of a vsw_nic.
 *
 * Costs: NIC_RX_BATCH, NIC_RX_PKT, NIC_TX_BATCH, NIC_TX_PKT, DOORBELL, MBUF.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_NIC_PORT_H
#define VSWSIM_NIC_PORT_H

#include <vswsim/compiler.h>
#include <vswsim/pmd.h>

VSW_EXTERN_C_BEGIN

VSW_API extern const struct vsw_pmd_port_ops vsw_nic_port_ops;

/* Sends what came from guests whose pages are remapped: one copy into mbufs,
 * of which there must be one for each descriptor of a burst.  Does not
 * receive.  More costs: COPY_CALL, COPY_BYTE, PAGE. */
VSW_API extern const struct vsw_pmd_port_ops vsw_nic_copy_ops;

VSW_EXTERN_C_END

#endif
