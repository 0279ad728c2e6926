/* Bus: PCI Express between the memory of the machine and its devices.
 *
 * Each direction is a shared server.  Data go in transaction-layer packets
 * (TLPs) that carry up to 'max_payload_bytes' after a header; a device that
 * reads memory sends requests, which have a header only, and the first byte of
 * the answer comes a latency later.  Writes are posted: the device does not
 * wait for them, and data are in memory when their last byte is through.
 *
 * Costs: PCIE_BYTE, PCIE_READ_LATENCY; DOORBELL on the CPU that writes one.
 * Sources: PCI Express Base Specification 2.1, section 2.2 (headers of 12 or
 * 16 bytes) and chapter 3 (sequence number and check, 6 bytes) and 4 (framing,
 * 2 bytes), which with an optional digest of 4 make 20 to 28.
 *
 * Left out: acknowledgements and flow-control packets, the number of reads
 * that may be outstanding, reads of device registers.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_BUS_H
#define VSWSIM_BUS_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/server.h>
#include <vswsim/sim.h>
#include <vswsim/switch.h>

VSW_EXTERN_C_BEGIN

enum vsw_bus_dir {
    VSW_BUS_TO_DEVICE,
    VSW_BUS_TO_HOST,
    VSW_BUS_N_DIRS,
};

struct vsw_bus_setup {
    uint32_t tlp_bytes;         /* Of a TLP beside its payload. */
    uint32_t max_payload_bytes; /* Of a TLP, >= 1. */
    uint32_t max_read_bytes;    /* That one request asks for, >= 1. */
};

/* A header for 64-bit addresses and no digest; sizes as servers set them. */
#define VSW_BUS_SETUP_DEFAULT                                                \
    {.tlp_bytes = 24, .max_payload_bytes = 256, .max_read_bytes = 512}

struct vsw_bus {
    struct vsw_server dirs[VSW_BUS_N_DIRS];
    struct vsw_bus_setup setup;
    uint64_t read_latency_ps;
    uint64_t n_bytes[VSW_BUS_N_DIRS];       /* In the window, headers
                                             * included ... */
    uint64_t n_data_bytes[VSW_BUS_N_DIRS];  /* ... and not. */
};

/* Makes an idle bus of the machine of 'sim'.  Returns 0, or -EINVAL with 'err'
 * filled if that lacks a cost. */
VSW_API int vsw_bus_init(struct vsw_bus *bus, const struct vsw_sim *sim,
                         const struct vsw_bus_setup *setup,
                         struct vsw_error *err);

/* Device 'unit' writes 'n_bytes' (> 0) to memory from 'start_ps' on, not
 * before its local time.  Returns when they are there; charges nothing. */
VSW_API uint64_t vsw_bus_write(struct vsw_bus *bus,
                               const struct vsw_unit *unit, uint64_t start_ps,
                               uint64_t n_bytes);

/* Device 'unit' reads 'n_bytes' (> 0) from memory, asking at 'start_ps'.
 * Returns when the last of them has come; charges nothing. */
VSW_API uint64_t vsw_bus_read(struct vsw_bus *bus,
                              const struct vsw_unit *unit, uint64_t start_ps,
                              uint64_t n_bytes);

/* Lets the outcome of 'sw' count the bytes that cross 'bus', headers included:
 * "bus_bytes_to_device" and "bus_bytes_to_host".  'bus' must live as long as
 * the run.  Returns 0 or -ENOSPC. */
VSW_API int vsw_bus_add_counters(const struct vsw_bus *bus,
                                 struct vsw_switch *sw);

/* The CPU 'unit' writes a tail register, which costs it a doorbell. */
VSW_API void vsw_bus_doorbell(struct vsw_bus *bus, struct vsw_unit *unit);

VSW_EXTERN_C_END

#endif
