/* Hardware: what a machine file says about CPUs, caches, memory and devices.
 *
 * Plain numbers for models to read.  0 means that the file does not say, and
 * a model that needs the number must refuse the machine.  Where each number
 * comes from, and how far it may be off, is in the facts of struct
 * vsw_machine.
 *
 * CPUs are numbered so that CPU c is in module c / n_cpus_per_module, node
 * c / n_cpus_per_node and package c / n_cpus_per_package, as
 * the Hyper-Switch thesis numbers its Opteron.
 *
 * Thread-safety: only types. */
#ifndef VSWSIM_HARDWARE_H
#define VSWSIM_HARDWARE_H

#include <stdint.h>

/* Most idle states, and most kinds of NIC, of one machine. */
#define VSW_HW_MAX_IDLE_STATES 8
#define VSW_HW_MAX_NICS 8

/* What a cache does with lines that the caches above it hold. */
enum vsw_hw_inclusion {
    VSW_HW_NEITHER,         /* Takes no care: lines may be in both or not. */
    VSW_HW_INCLUSIVE,       /* Holds them; evicting here evicts above. */
    VSW_HW_EXCLUSIVE,       /* Never holds them. */
    VSW_HW_VICTIM,          /* Filled by what is evicted above; may keep a
                             * line that goes up again. */
};

enum vsw_hw_write_policy {
    VSW_HW_WRITE_BACK,
    VSW_HW_WRITE_THROUGH,
};

/* Which line of a full set a cache gives up. */
enum vsw_hw_replacement {
    VSW_HW_LRU,
    VSW_HW_PLRU,            /* Tree of bits. */
};

/* One cache. */
struct vsw_hw_cache {
    uint64_t size_bytes;
    uint32_t n_ways;
    uint32_t line_bytes;
    uint32_t latency_cycles;    /* Load to use, of a hit. */
    uint32_t n_sharing_cpus;    /* CPUs behind one such cache. */
    enum vsw_hw_inclusion inclusion;
    enum vsw_hw_write_policy write_policy;
    enum vsw_hw_replacement replacement;
};

struct vsw_hw_caches {
    struct vsw_hw_cache l1d;
    struct vsw_hw_cache l1i;
    struct vsw_hw_cache l2;
    struct vsw_hw_cache l3;
    uint64_t l3_bytes_per_s;    /* Of the L3 and the crossbar between the
                                 * modules of a node; 0: unknown. */
    uint32_t n_ddio_ways;       /* Of the L3, that DMA may allocate into. */
};

struct vsw_hw_tlb {
    uint32_t n_entries;         /* For pages of 4 KiB. */
    uint32_t n_large_entries;   /* For pages of 2 MiB. */
    uint32_t n_ways;            /* For pages of 4 KiB. */
    uint32_t n_large_ways;      /* For pages of 2 MiB. */
    uint32_t latency_cycles;    /* Of a hit, beyond one in the first. */
};

struct vsw_hw_tlbs {
    struct vsw_hw_tlb l1d;
    struct vsw_hw_tlb l2;
    uint32_t n_walk_entries;    /* Of the paging-structure cache. */
    uint32_t n_nested_entries;  /* Of the nested TLB. */
};

enum vsw_hw_answer {
    VSW_HW_NO,
    VSW_HW_YES,
};

/* Pages of the software, which a stack file knows. */
struct vsw_hw_paging {
    uint32_t page_bytes;        /* That buffers and tables lie on. */
    enum vsw_hw_answer nested;  /* What guests use is translated twice. */
};

/* Memory of one node. */
struct vsw_hw_memory {
    uint64_t size_bytes;
    uint64_t peak_bytes_per_s;
    uint32_t n_channels;
    uint32_t sustained_percent; /* Of the peak, by many streams. */
    uint32_t latency_ns;        /* Load to use, from the same node. */
};

/* From one node to another. */
struct vsw_hw_cross_link {
    uint64_t bytes_per_s;       /* Each way. */
    uint32_t latency_ns;        /* On top of the local latency. */
};

/* The bus between memory and NICs. */
struct vsw_hw_pcie {
    uint32_t max_payload_bytes;
    uint32_t tlp_overhead_bytes;    /* Header, framing and checks. */
    uint32_t read_latency_ns;   /* Of one line, as a NIC sees it. */
};

struct vsw_hw_idle_state {
    const char *name;           /* "C1E" */
    uint32_t exit_latency_ns;
};

struct vsw_hw_nic {
    const char *name;           /* "82599EB" */
    uint64_t rate_bps;          /* Of one port. */
    uint64_t pcie_bytes_per_s;  /* Of its slot, each way, before overhead. */
    uint32_t n_ports;
    uint32_t n_rss_queues;      /* Of one port. */
};

struct vsw_hw_cpu {
    uint64_t base_hz;           /* As sold. */
    uint64_t max_turbo_hz;
    uint32_t n_line_fills;      /* Misses of the L1d in flight at once. */
    uint32_t module_percent;    /* What work takes while another CPU of the
                                 * module works too, of what it takes alone;
                                 * 0: as much. */
    uint32_t n_prefetch_lines;  /* That a stream runs ahead of misses. */
};

/* Parts of the code on the way of packets. */
enum vsw_code {
    VSW_CODE_HYPERVISOR,    /* Entry, exit, and what was asked for. */
    VSW_CODE_VHOST,         /* Thread of vhost-net, tap, kernel's switch. */
    VSW_CODE_NETBACK,       /* Of a driver domain, the switch included. */
    VSW_CODE_GUEST_POLL,    /* Driver, NAPI, receive aggregation. */
    VSW_CODE_GUEST_RX,      /* IP and TCP, of a segment that comes. */
    VSW_CODE_GUEST_TX,      /* TCP, IP and driver, of one that goes. */
    VSW_CODE_GUEST_CALL,    /* System calls, sockets, copies, wake-ups. */
    VSW_N_CODES,
};

/* Instructions that each runs for a packet or burst, which a stack file
 * knows; 0: it does not, and they are in the L1i. */
struct vsw_hw_code {
    uint32_t n_bytes[VSW_N_CODES];
};

struct vsw_hardware {
    struct vsw_hw_cpu cpu;
    struct vsw_hw_caches caches;
    struct vsw_hw_tlbs tlb;
    struct vsw_hw_paging paging;
    struct vsw_hw_code code;
    struct vsw_hw_memory memory;
    struct vsw_hw_cross_link cross_link;
    struct vsw_hw_pcie pcie;
    struct vsw_hw_idle_state idle_states[VSW_HW_MAX_IDLE_STATES];
    uint32_t n_idle_states;     /* In the order of the file: light first. */
    struct vsw_hw_nic nics[VSW_HW_MAX_NICS];
    uint32_t n_nics;
};

#endif
