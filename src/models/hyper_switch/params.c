/* Parameters of Hyper-Switch, and which of them do not go together. */
#include <stdio.h>

#include "models/hyper_switch/hyper.h"

#define CH4 "Ram's thesis, section 4.3 "

static const char *const late_choices[] = {
    [VSW_TX_LATE_WAIT] = "wait", [VSW_TX_LATE_AT_ONCE] = "at_once", NULL,
};
static const char *const empty_choices[] = {
    [VSW_TX_EMPTY_OFF] = "off", [VSW_TX_EMPTY_RESTART] = "restart", NULL,
};
static const char *const bound_choices[] = {
    [VSW_RX_BOUND_BLOCKED] = "blocked",
    [VSW_RX_BOUND_IMMEDIATE] = "immediate", NULL,
};
static const char *const offload_choices[] = {
    [VSW_OFFLOAD_CRITERIA] = "criteria", [VSW_OFFLOAD_FIXED] = "dedicated",
    [VSW_OFFLOAD_NONE] = "none", NULL,
};
static const char *const core_choices[] = {
    [VSW_OFFLOAD_CORE_LOWEST] = "lowest",
    [VSW_OFFLOAD_CORE_HASHED] = "hashed", NULL,
};
static const char *const full_choices[] = {
    [VSW_OFFLOAD_FULL_DROP] = "drop", [VSW_OFFLOAD_FULL_NEXT] = "next", NULL,
};
static const char *const cap_choices[] = {
    [VSW_CONGESTION_STOP] = "stop",
    [VSW_CONGESTION_DROP_OLDEST] = "drop_oldest", NULL,
};
static const char *const table_choices[] = {
    [VSW_KSWITCH_EXACT] = "exact", [VSW_KSWITCH_MEGAFLOW] = "megaflow", NULL,
};

#define U32(member, value, min, max, meaning, source)                       \
    {#member, VSW_PARAM_TYPE_U32, offsetof(struct hyper, p.member), (value), \
     (min), (max), NULL, (meaning), (source)}
#define U64(member, value, min, max, meaning, source)                       \
    {#member, VSW_PARAM_TYPE_U64, offsetof(struct hyper, p.member), (value), \
     (min), (max), NULL, (meaning), (source)}
#define BOOL(member, value, meaning, source)                                \
    {#member, VSW_PARAM_TYPE_BOOL, offsetof(struct hyper, p.member),         \
     (value), 0, 1, NULL, (meaning), (source)}
#define CHOICE(member, value, choices, n, meaning, source)                  \
    {#member, VSW_PARAM_TYPE_ENUM, offsetof(struct hyper, p.member),         \
     (value), 0, (n) - 1, (choices), (meaning), (source)}

#define MAX_HOLD_NS UINT64_C(1000000000)

/* Smaller frames than this are no mistake in a config with a DMA engine. */
#define DEFAULT_DMA_MIN_BYTES 128u

const struct vsw_param hyper_params[] = {
    U64(tx_hold_ns, 125000, 0, MAX_HOLD_NS,
        "longest wait of a packet in a transmit ring; 0: no batching",
        CH4 "(Table 4.1)"),
    U32(tx_threshold_pkts, 64, 1, 65536,
        "packets in a transmit ring that end the wait", CH4 "(Table 4.1)"),
    CHOICE(tx_late, VSW_TX_LATE_WAIT, late_choices, 2,
           "when the transmit timer is served that fires while another guest "
           "has the CPU",
           "left open by the thesis; waiting is what its section 4.3.5 names"),
    CHOICE(tx_empty, VSW_TX_EMPTY_OFF, empty_choices, 2,
           "what a transmit timer does that fires with nothing pending",
           "left open by the thesis; default is a design choice"),
    U64(rx_hold_ns, 125000, 0, MAX_HOLD_NS,
        "longest wait of a packet that was switched; 0: every packet "
        "notifies", CH4 "(Table 4.1)"),
    U32(rx_threshold_pkts, 64, 1, 65536,
        "packets in a receive queue that end the wait", CH4 "(Table 4.1)"),
    U32(max_copies, 16, 1, 65536,
        "packets that a notified guest's CPU copies before it asks an idle "
        "CPU for the rest", "not given by the thesis; design choice"),
    CHOICE(copy_bound, VSW_RX_BOUND_BLOCKED, bound_choices, 2,
           "which immediate notifications bound the copy: to blocked guests, "
           "or all", "left open by the thesis; default is a design choice"),
    BOOL(quiet_leaves_on, true,
         "a notification after a quiet time starts the receive timer",
         "left open by the thesis; default is a design choice"),
    BOOL(preemptive_copy, true,
         "copy when a notification arrives, before the guest's handler, "
         "which otherwise asks by a hypercall", CH4),
    BOOL(poll_before_block, true,
         "switch and copy for a vCPU that is about to block", CH4),
    CHOICE(offload, VSW_OFFLOAD_CRITERIA, offload_choices, 3,
           "who copies for others: a CPU of an idle module, a dedicated CPU "
           "that always polls, nobody", CH4 "and 4.5.2"),
    U32(dedicated_cpu, 0, 0, 65535, "that CPU, with offload dedicated",
        "Ram's thesis, section 4.5.2"),
    CHOICE(offload_core, VSW_OFFLOAD_CORE_LOWEST, core_choices, 2,
           "which CPU of the chosen module",
           "left open by the thesis; default is a design choice"),
    CHOICE(offload_full, VSW_OFFLOAD_FULL_DROP, full_choices, 2,
           "what becomes of a request when the chosen CPU's message ring is "
           "full", "left open by the thesis; default is a design choice"),
    BOOL(idle_switching, true,
         "idle CPUs that are awake also switch from transmit rings", CH4),
    U64(hysteresis_ns, VSW_IDLE_LOOP_HYSTERESIS_NS, 0, MAX_HOLD_NS,
        "time that an idle CPU polls after its last work",
        CH4 "(Table 4.1)"),
    U32(request_slots, 64, 1, 4096,
        "requests that the message ring of a CPU holds; a power of two",
        "the thesis says fixed; the size is a design choice"),
    U32(page_bytes, 4096, 2048, 65536,
        "packet bytes behind a descriptor",
        "pages are what Xen's drivers share"),
    U32(spare_pages, 2048, 64, 2048,
        "pages of a sender under way in the switch, beside its ring",
        "the thesis has no limit; the simulator needs one"),
    CHOICE(flow_table, VSW_KSWITCH_EXACT, table_choices, 2,
           "flow table of the data plane",
           "the thesis says hash table; Open vSwitch of its time had exact "
           "flows in the kernel"),
    U32(max_flows, 8192, 1, 1 << 20, "flows in that table",
        "design choice"),
    BOOL(warm, true,
         "flows are in that table before the run, as far as they fit; false: "
         "first packets go to the control plane",
         "design choice: published runs last minutes"),
    U32(control_cpu, HYPER_ANY_CPU, 0, HYPER_ANY_CPU,
        "CPU of the management layer, where the control plane runs; 65535 is "
        "the lowest that has no vCPU, if there is one",
        "design choice"),
    U32(max_in_flight_pkts, 0, 0, 65536,
        "most packets that a sender has under way in the switch; 0: the "
        "prototype, which has no limit", "Ram's thesis, section 4.6"),
    U32(resume_percent, 50, 0, 99,
        "part of that cap at which a stopped sender goes on",
        "not given by the thesis; design choice"),
    CHOICE(at_cap, VSW_CONGESTION_STOP, cap_choices, 2,
           "what happens at the cap: the sender's ring is left alone, or its "
           "oldest packet is dropped", "Ram's thesis, section 4.6"),
    BOOL(mask_congested, true,
         "idle CPUs pass over the rings of stopped senders",
         "Ram's thesis, section 4.6"),
    BOOL(abort, false,
         "an idle CPU that is wanted abandons the packet that it copies",
         "Ram's thesis, section 4.6: transactional execution"),
    BOOL(dma, false,
         "a DMA engine copies large packets that an idle CPU would be asked "
         "to copy", "Ram's thesis, section 4.6.1"),
    U32(dma_min_bytes, DEFAULT_DMA_MIN_BYTES, 0, 1 << 20,
        "packets longer than this go to that engine",
        "Ram's thesis, section 4.6.1"),
    U32(dma_channels, 4, 1, VSW_DMA_MAX_CHANNELS,
        "channels of that engine; a receiver's copies use one",
        "not given by the thesis; engines of the time have 4 to 16"),
    U32(dma_descs, 256, 1, 65536,
        "descriptors of a channel; a power of two",
        "not given by the thesis; design choice"),
    BOOL(zero_copy_tx, false,
         "packets of guests to a wire are not copied: the hypervisor maps "
         "their pages into the driver domain, until the NIC has sent them",
         "Ram's thesis, section 4.6"),
    U64(nic_irq_gap_ns, 10000, 0, 10000000,
        "least time between two interrupts of the NIC to the driver domain",
        "assumed: the rate to which drivers of the time let latency-bound "
        "traffic interrupt, 100000 a second"),
    VSW_PARAM_END,
};

/* Of segments that guests hand down: what IP can say, and Ethernet's. */
#define MAX_PKT_BYTES 65549u

static bool
is_power_of_two(uint32_t n)
{
    return (n & (n - 1)) == 0;
}

const char *
hyper_check_params(const void *state, const struct vsw_model_facts *facts,
                   char reason[VSW_MODEL_REASON_BYTES])
{
    const struct hyper_params *p = &((const struct hyper *) state)->p;
    uint32_t max_bytes = facts->frame_bytes
                             ? facts->frame_bytes - VSW_FCS_BYTES
                             : MAX_PKT_BYTES;

    if (!is_power_of_two(p->request_slots)) {
        snprintf(reason, VSW_MODEL_REASON_BYTES,
                 "request_slots is %u, which is no power of two",
                 p->request_slots);
        return "request_slots";
    }
    if (p->zero_copy_tx && p->page_bytes != 4096) {
        snprintf(reason, VSW_MODEL_REASON_BYTES,
                 "zero_copy_tx lends pages of 4096 bytes, but page_bytes is "
                 "%u", p->page_bytes);
        return "zero_copy_tx";
    }
    if (!p->dma) {
        return NULL;
    }
    if (p->dma_min_bytes > DEFAULT_DMA_MIN_BYTES
        && p->dma_min_bytes >= max_bytes) {
        snprintf(reason, VSW_MODEL_REASON_BYTES,
                 "dma_min_bytes is %u, but no packet has more than %u bytes: "
                 "nothing would go to the DMA engine", p->dma_min_bytes,
                 max_bytes);
        return "dma_min_bytes";
    }
    if (!is_power_of_two(p->dma_descs)) {
        snprintf(reason, VSW_MODEL_REASON_BYTES,
                 "dma_descs is %u, which is no power of two", p->dma_descs);
        return "dma_descs";
    }
    if (p->rx_hold_ns == 0) {
        snprintf(reason, VSW_MODEL_REASON_BYTES,
                 "without the receive timer (rx_hold_ns is 0) nothing would "
                 "go to the DMA engine; set dma to false");
        return "dma";
    }
    return NULL;
}
