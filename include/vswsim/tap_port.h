/* Tap devices: a process of the host on one side, a poll-mode loop on the
 * other.
 *
 * The kernel lies between: each packet takes a system call, an SKB and a copy
 * on the side that writes it, and a system call and a copy on the side that
 * reads it.  A process that has blocked is woken after a burst.  What finds
 * the device's queue full is lost.
 *
 * Source: Linux drivers/net/tun.c; lib/netdev-linux.c of Open vSwitch.
 * Left out: the thread of its own in which Open vSwitch reads such devices
 * (here the loop does, and an empty look costs it no more than at a vhost
 * port), offloads, the wake-up of the loop.
 *
 * Costs: SYSCALL, SKB_ALLOC, SKB_INIT, COPY_CALL, COPY_BYTE, MBUF; those of
 * a wake-up.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_TAP_PORT_H
#define VSWSIM_TAP_PORT_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/pmd.h>
#include <vswsim/vnic.h>

VSW_EXTERN_C_BEGIN

/* The loop's side. */
VSW_API extern const struct vsw_pmd_port_ops vsw_tap_port_ops;

/* Makes the last 'n' ports of guests of 'sw', or as many as there are, tap
 * devices with a process of the host behind each.  Returns 0, or -EINVAL with
 * 'err' filled if the machine lacks a cost. */
VSW_API int vsw_tap_make_ports(struct vsw_switch *sw, uint32_t n,
                               struct vsw_error *err);

/* A process reads 'pkt' from a device, on 'unit'. */
VSW_API void vsw_tap_read(const struct vsw_switch *sw, struct vsw_unit *unit,
                          uint32_t pkt);

VSW_EXTERN_C_END

#endif
