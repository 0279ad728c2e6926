/* What the models of hosts whose kernel switches have in common. */
#ifndef MODELS_KHOST_PARAMS_H
#define MODELS_KHOST_PARAMS_H

#include <stdbool.h>

#include <vswsim/khost.h>
#include <vswsim/param.h>
#include <vswsim/switch.h>

struct khost_model {
    struct vsw_khost host;
    uint32_t buf_bytes;
    uint32_t n_skbs;
    uint32_t tx_full;
    uint32_t napi_weight_pkts;
    uint32_t irq_gap_ns;
    uint32_t tap_pkts;
    uint32_t vhost_weight_bytes;
    uint32_t vhost_weight_pkts;
    uint32_t base_mib;
    uint32_t table;
    uint32_t max_flows;
    uint32_t max_masks;
    uint32_t upcall_pkts;
    bool warm;
    uint32_t step;              /* Of kvs. */
    uint32_t emc_entries;
};

extern const char *const khost_full_names[];
extern const char *const khost_table_names[];

/* Guests that vhost threads serve; the first is the default. */
extern const char *const khost_drivers[];

/* The setup for the parameters, as far as all models share it. */
struct vsw_khost_setup khost_setup(const struct khost_model *model);

void khost_model_fini(struct vsw_switch *sw);

#define KHOST_PARAMS(TYPE)                                                   \
    KHOST_PARAMS_OF(TYPE, 2048, "ixgbe, IXGBE_RXBUFFER_2K")

/* The same with the bytes of a buffer and their source. */
#define KHOST_PARAMS_OF(TYPE, BUF_BYTES, BUF_SOURCE)                         \
    VSW_PARAM_U32(TYPE, buf_bytes, BUF_BYTES, 512, 65536,                    \
                  "bytes of the buffer behind a descriptor", BUF_SOURCE),    \
    VSW_PARAM_U32(TYPE, n_skbs, 4096, 64, 1 << 20,                           \
                  "SKBs that each CPU may have at a time; where they are "   \
                  "allocated in advance, how many",                          \
                  "design choice"),                                          \
    VSW_PARAM_ENUM(TYPE, tx_full, VSW_KHOST_DROP, khost_full_names, 2,       \
                   "what becomes of a packet whose transmit ring is full",   \
                   "design choice; the KVS paper does not say"),             \
    VSW_PARAM_U32(TYPE, napi_weight_pkts, 64, 1, 512,                        \
                  "most frames of one poll", "Linux, NAPI_POLL_WEIGHT"),     \
    VSW_PARAM_U32(TYPE, irq_gap_ns, 20000, 0, 10000000,                      \
                  "least time between two interrupts of a queue of a NIC",   \
                  "ixgbe, IXGBE_20K_ITR is 50 us, IXGBE_100K_ITR 10 us"),    \
    VSW_PARAM_U32(TYPE, tap_pkts, VSW_VHOST_NET_TAP_PKTS, 1, 1 << 16,        \
                  "packets that wait for a guest's vhost thread",            \
                  "Linux, drivers/net/tun.c, TUN_READQ_SIZE"),               \
    VSW_PARAM_U32(TYPE, vhost_weight_bytes, VSW_VHOST_NET_WEIGHT_BYTES,      \
                  1514, 1 << 30,                                             \
                  "bytes that a vhost thread moves in one direction before " \
                  "it looks at the other",                                   \
                  "Linux, VHOST_NET_WEIGHT"),                                \
    VSW_PARAM_U32(TYPE, vhost_weight_pkts, VSW_VHOST_NET_WEIGHT_PKTS, 1,     \
                  UINT32_MAX, "the same in packets",                         \
                  "Linux since 4.17, VHOST_NET_PKT_WEIGHT"),                 \
    VSW_PARAM_U32(TYPE, base_mib, 640, 0, 1 << 20,                           \
                  "memory of the host that is in use whatever the load, for "\
                  "each CPU of its softirqs; only reported",                 \
                  "the KVS paper reports 645 MB (here MiB) per core, of "    \
                  "which this is what no buffer accounts for")

#define KHOST_OVS_PARAMS(TYPE)                                               \
    VSW_PARAM_ENUM(TYPE, table, VSW_KSWITCH_EXACT, khost_table_names, 2,     \
                   "flows in the kernel's table: exact, or masked",          \
                   "KVS paper, section 2: exact; Linux since 3.12: masked"), \
    VSW_PARAM_U32(TYPE, max_flows, 8192, 1, 1 << 20,                         \
                  "flows that the kernel's table may hold",                  \
                  "Open vSwitch, flow-limit: 200000 at most"),               \
    VSW_PARAM_U32(TYPE, max_masks, 256, 1, 4096,                             \
                  "different masks of masked flows", "design choice"),       \
    VSW_PARAM_U32(TYPE, upcall_pkts, 512, 1, 1 << 16,                        \
                  "packets that wait for the daemon",                        \
                  "a netlink socket's buffer of 208 KiB, 300 to 600 SKBs"),  \
    VSW_PARAM_BOOL(TYPE, warm, true,                                         \
                   "the flows of the trace are installed before the run, as "\
                   "far as they fit; false: the table is empty, and first "  \
                   "packets go to the daemon",                               \
                   "design choice: published runs last minutes")

#endif
