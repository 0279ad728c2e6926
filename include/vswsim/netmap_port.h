/* Physical ports of a process that uses netmap, in a loop that polls.
 *
 * A system call per burst and direction synchronizes the rings with the NIC;
 * packets stay in their buffers, which change places with empty ones, so
 * nothing is copied.  Where the driver has no support for netmap, each packet
 * is wrapped for it and copied ("emulated").
 *
 * A program written for libpcap ("pcap") gets its packets one by one in a
 * callback and copies each into a buffer of its own, and copies it again to
 * send it.
 *
 * The queues' 'buf_bytes' must be that of the loop's mbufs, and the queues
 * must be those of a vsw_nic.
 *
 * Source: netmap(4); netmap_generic.c; Rizzo, netmap and VALE slides (2014).
 *
 * Costs: SYSCALL, NETMAP_SYNC, NETMAP_SLOT, NIC_RX_BATCH, NIC_RX_PKT,
 * NIC_TX_BATCH, NIC_TX_PKT, DOORBELL; emulated, NETMAP_GENERIC in place of
 * NIC_RX_PKT and NIC_TX_PKT; by libpcap, PCAP_PKT, COPY_CALL and COPY_BYTE on
 * top.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_NETMAP_PORT_H
#define VSWSIM_NETMAP_PORT_H

#include <vswsim/compiler.h>
#include <vswsim/pmd.h>

VSW_EXTERN_C_BEGIN

VSW_API extern const struct vsw_pmd_port_ops vsw_netmap_port_ops;
VSW_API extern const struct vsw_pmd_port_ops vsw_netmap_emulated_ops;
VSW_API extern const struct vsw_pmd_port_ops vsw_netmap_pcap_ops;

VSW_EXTERN_C_END

#endif
