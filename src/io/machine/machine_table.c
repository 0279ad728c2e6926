#include "io/machine/machine_load.h"

#include <assert.h>
#include <stddef.h>

static_assert(sizeof(enum vsw_hw_inclusion) == sizeof(uint32_t)
              && sizeof(enum vsw_hw_write_policy) == sizeof(uint32_t)
              && sizeof(enum vsw_hw_replacement) == sizeof(uint32_t)
              && sizeof(enum vsw_hw_answer) == sizeof(uint32_t),
              "enumerations are stored as uint32_t");

/* In the order of enum vsw_cost_kind. */
static const char *const kinds[] = {
    "measured", "published", "vendor", "calibrated", "assumed", NULL,
};
/* In the order of the enumerations in hardware.h. */
static const char *const inclusions[] = {
    "neither", "inclusive", "exclusive", "victim", NULL,
};
static const char *const write_policies[] = {"back", "through", NULL};
static const char *const replacements[] = {"lru", "plru", NULL};
static const char *const answers[] = {"no", "yes", NULL};
static const char *const units[] = {
    "ps", "ns", "us", "cycles", "tsc_cycles", NULL,
};
static const char *const includes[] = {"compute", "compute+memory", NULL};

#define PART(path_, type_, flags_, meaning_)                                 \
    {.path = path_, .type = VSW_KEY_##type_, .flags = flags_, .unit = "",    \
     .meaning = meaning_}
#define CHOICE(path_, type_, flags_, string_, choices_, meaning_)            \
    {.path = path_, .type = VSW_KEY_##type_, .flags = flags_, .unit = "",    \
     .string = string_, .choices = choices_, .meaning = meaning_}
#define AT(member) .offset = offsetof(struct vsw_machine, member)
/* Facts; those of items of a map are stored by machine_facts.c. */
#define FACT(path_, type_, flags_, at_, unit_, value_, min_, max_, meaning_) \
    {.path = path_, .type = VSW_KEY_##type_,                                 \
     .flags = VSW_KEY_STORED | VSW_KEY_FACT | (flags_), AT(at_),             \
     .unit = unit_, .value = value_, .min = min_, .max = max_,               \
     .meaning = meaning_}
#define OPTIONAL(path_, type_, at_, unit_, max_, meaning_)                   \
    FACT(path_, type_, 0, at_, unit_, 0, 1, max_, meaning_)
#define CODE(key_, part_, meaning_)                                          \
    OPTIONAL("code." key_, U32, hw.code.n_bytes[VSW_CODE_##part_], "bytes",  \
             1 << 20, meaning_)
#define POLICY(path_, at_, choices_, meaning_)                               \
    {.path = path_, .type = VSW_KEY_ENUM,                                    \
     .flags = VSW_KEY_STORED | VSW_KEY_FACT, AT(at_), .unit = "",            \
     .choices = choices_, .meaning = meaning_}
#define ITEM(path_, type_, struct_, at_, unit_, max_, meaning_)              \
    {.path = path_, .type = VSW_KEY_##type_, .flags = VSW_KEY_FACT,          \
     .offset = offsetof(struct struct_, at_), .unit = unit_, .min = 1,       \
     .max = max_, .meaning = meaning_}

/* A part of the hardware and whence its facts come. */
#define SECTION(path_, flags_, meaning_)                                     \
    PART(path_, OBJECT, flags_, meaning_),                                   \
    CHOICE(path_ ".kind", ENUM, 0, NULL, kinds,                              \
           "Kind of the facts here that name none; as for costs."),          \
    PART(path_ ".source", STRING, 0,                                         \
         "Source of the facts here that name none."),                        \
    PART(path_ ".note", STRING, 0, "For people.")

#define CACHE(name_, meaning_)                                               \
    PART("caches." #name_, OBJECT, 0, meaning_),                             \
    OPTIONAL("caches." #name_ ".size_bytes", U64,                            \
             hw.caches.name_.size_bytes, "bytes", (uint64_t) 1 << 32,        \
             "Size of one."),                                                \
    OPTIONAL("caches." #name_ ".n_ways", U32, hw.caches.name_.n_ways,        \
             "ways", 1024, "Lines of a set."),                               \
    FACT("caches." #name_ ".line_bytes", U32, VSW_KEY_POWER_OF_2,            \
         hw.caches.name_.line_bytes, "bytes", 64, 16, 256, "Of a line."),    \
    OPTIONAL("caches." #name_ ".latency_cycles", U32,                        \
             hw.caches.name_.latency_cycles, "cycles", 1000,                 \
             "Load to use, of a hit."),                                      \
    FACT("caches." #name_ ".n_sharing_cpus", U32, 0,                         \
         hw.caches.name_.n_sharing_cpus, "cpus", 1, 1, 4096,                 \
         "CPUs behind one of it."),                                          \
    POLICY("caches." #name_ ".inclusion", hw.caches.name_.inclusion,         \
           inclusions,                                                       \
           "What it does with lines that the caches above hold. "            \
           "\"victim\": filled by what they evict."),                        \
    POLICY("caches." #name_ ".write_policy", hw.caches.name_.write_policy,   \
           write_policies, "Whether a store goes on to the next level at "   \
           "once."),                                                         \
    POLICY("caches." #name_ ".replacement", hw.caches.name_.replacement,     \
           replacements, "Which line of a full set leaves: the one used "    \
           "longest ago, or what a tree of bits takes for it.")

#define TLB(name_, meaning_)                                                 \
    PART("tlb." #name_, OBJECT, 0, meaning_),                                \
    OPTIONAL("tlb." #name_ ".n_entries", U32, hw.tlb.name_.n_entries,        \
             "entries", 65536, "For pages of 4 KiB."),                       \
    OPTIONAL("tlb." #name_ ".n_large_entries", U32,                          \
             hw.tlb.name_.n_large_entries, "entries", 65536,                 \
             "For pages of 2 MiB."),                                         \
    OPTIONAL("tlb." #name_ ".n_ways", U32, hw.tlb.name_.n_ways, "ways",      \
             1024, "Entries of a set, for pages of 4 KiB."),                 \
    OPTIONAL("tlb." #name_ ".n_large_ways", U32,                             \
             hw.tlb.name_.n_large_ways, "ways", 1024,                        \
             "Entries of a set, for pages of 2 MiB.")

const struct vsw_key vsw_machine_key_table[] = {
    PART("", OBJECT, 0, "A machine file."),
    PART("$schema", STRING, 0, "Ignored."),
    PART("extends", STRING, 0,
         "Name or path of a parent: a stack file extends a hardware file. "
         "Objects merge key by key; anything else replaces."),
    {.path = "title", .type = VSW_KEY_STRING,
     .flags = VSW_KEY_STORED | VSW_KEY_REQUIRED, AT(title), .unit = "",
     .string = "", .meaning = "One line for people."},
    {.path = "source", .type = VSW_KEY_STRING, .flags = VSW_KEY_STORED,
     AT(source), .unit = "", .string = "",
     .meaning = "Where the facts about the hardware or stack come from."},

    SECTION("cpu", VSW_KEY_REQUIRED, "Clocks and limits of one CPU."),
    FACT("cpu.clock_hz", U64, VSW_KEY_REQUIRED, clock_hz, "Hz", 1000000000,
         1000000, 100000000000, "Clock of a busy CPU; converts \"cycles\"."),
    FACT("cpu.tsc_hz", U64, VSW_KEY_REQUIRED, tsc_hz, "Hz", 1000000000,
         1000000, 100000000000, "Clock of its time-stamp counter; converts "
         "\"tsc_cycles\"."),
    OPTIONAL("cpu.base_hz", U64, hw.cpu.base_hz, "Hz", 100000000000,
             "Clock as sold."),
    OPTIONAL("cpu.max_turbo_hz", U64, hw.cpu.max_turbo_hz, "Hz",
             100000000000, "Highest clock of one busy core."),
    OPTIONAL("cpu.n_line_fills", U32, hw.cpu.n_line_fills, "lines", 1024,
             "Misses of the L1d that can be in flight at once."),
    OPTIONAL("cpu.module_percent", U32, hw.cpu.module_percent, "%", 1000,
             "Time that work takes while another CPU of the module works "
             "too, of what it takes alone: front end, FPU and write path may "
             "be shared. Applies to costs in cycles."),
    OPTIONAL("cpu.n_prefetch_lines", U32, hw.cpu.n_prefetch_lines, "lines",
             64, "Lines that the prefetcher of the L2 runs ahead of a stream "
             "of misses; leave it out for none."),

    SECTION("topology", VSW_KEY_REQUIRED,
            "CPU c is in module c / n_cpus_per_module, node "
            "c / n_cpus_per_node, package c / n_cpus_per_package."),
    FACT("topology.n_cpus", U32, VSW_KEY_REQUIRED, n_cpus, "cpus", 1, 1,
         4096, "CPUs that guests and switch can be pinned to."),
    FACT("topology.n_cpus_per_module", U32, 0, n_cpus_per_module, "cpus", 1,
         1, 4096, "CPUs that share L1i and L2."),
    FACT("topology.n_cpus_per_node", U32, VSW_KEY_REQUIRED, n_cpus_per_node,
         "cpus", 1, 1, 4096, "CPUs that share a memory controller."),
    OPTIONAL("topology.n_cpus_per_package", U32, n_cpus_per_package, "cpus",
             4096, "CPUs of one socket; by default those of one node."),

    SECTION("caches", 0, "Caches, nearest first."),
    CACHE(l1d, "First level, data."),
    CACHE(l1i, "First level, instructions."),
    CACHE(l2, "Second level."),
    CACHE(l3, "Third level."),
    OPTIONAL("caches.l3.bytes_per_s", U64, hw.caches.l3_bytes_per_s,
             "bytes/s", 100000000000000, "Of one, and of the crossbar between "
             "the modules of its node, reads and writes together."),
    OPTIONAL("caches.n_ddio_ways", U32, hw.caches.n_ddio_ways, "ways", 1024,
             "Ways of the L3 that DMA may allocate into; leave it out if "
             "DMA goes to memory."),

    SECTION("tlb", 0, "Translations that a CPU holds."),
    TLB(l1d, "First level, data."),
    TLB(l2, "Second level."),
    OPTIONAL("tlb.l2.latency_cycles", U32, hw.tlb.l2.latency_cycles,
             "cycles", 1000, "Of a hit, beyond one in the first level."),
    OPTIONAL("tlb.n_walk_entries", U32, hw.tlb.n_walk_entries, "entries", 32,
             "Of the cache of upper page-table entries."),
    OPTIONAL("tlb.n_nested_entries", U32, hw.tlb.n_nested_entries, "entries",
             32, "Of the cache of translations from guest to host memory."),

    SECTION("paging", 0, "Pages of the software, for a stack file to say; "
            "without it translation is free."),
    {.path = "paging.page_bytes", .type = VSW_KEY_U32,
     .flags = VSW_KEY_STORED | VSW_KEY_FACT | VSW_KEY_POWER_OF_2,
     AT(hw.paging.page_bytes), .unit = "bytes", .min = 4096, .max = 2097152,
     .meaning = "Page that buffers, rings and tables lie on: 4096, or larger "
     "ones that the TLB holds as pages of 2 MiB."},
    POLICY("paging.nested", hw.paging.nested, answers,
           "Whether what guests use is translated by the host's tables too."),

    SECTION("code", 0, "Instructions on the way of packets, for a stack file "
            "to say; what has no size is in the L1i. Those of one domain must "
            "fit there: costs include what code waits for by itself."),
    CODE("hypervisor_bytes", HYPERVISOR, "Entry, exit, and what was asked "
         "of it."),
    CODE("vhost_bytes", VHOST, "Thread of vhost-net, tap, the kernel's "
         "switch."),
    CODE("netback_bytes", NETBACK, "Netback and the switch of a driver "
         "domain."),
    CODE("guest_poll_bytes", GUEST_POLL, "A guest's driver, NAPI and receive "
         "aggregation."),
    CODE("guest_rx_bytes", GUEST_RX, "IP and TCP of a guest, of a segment "
         "that comes."),
    CODE("guest_tx_bytes", GUEST_TX, "TCP, IP and driver of a guest, of a "
         "segment that goes."),
    CODE("guest_call_bytes", GUEST_CALL, "System calls, sockets, copies and "
         "wake-ups of a guest."),

    SECTION("memory", 0, "Memory of one node."),
    OPTIONAL("memory.size_bytes", U64, hw.memory.size_bytes, "bytes",
             (uint64_t) 1 << 50, "Installed."),
    OPTIONAL("memory.n_channels", U32, hw.memory.n_channels, "channels", 64,
             "Of its controller."),
    OPTIONAL("memory.peak_bytes_per_s", U64, hw.memory.peak_bytes_per_s,
             "bytes/s", 100000000000000, "All channels together."),
    OPTIONAL("memory.sustained_percent", U32, hw.memory.sustained_percent,
             "%", 100, "Of the peak, that many streams reach."),
    OPTIONAL("memory.latency_ns", U32, hw.memory.latency_ns, "ns", 100000,
             "Load to use, from a CPU of the same node."),

    SECTION("cross_link", 0, "From one node to another."),
    OPTIONAL("cross_link.bytes_per_s", U64, hw.cross_link.bytes_per_s,
             "bytes/s", 100000000000000, "Each way."),
    OPTIONAL("cross_link.latency_ns", U32, hw.cross_link.latency_ns, "ns",
             100000, "On top of the latency inside a node."),

    SECTION("pcie", 0, "The bus between memory and NICs."),
    OPTIONAL("pcie.max_payload_bytes", U32, hw.pcie.max_payload_bytes,
             "bytes", 4096, "Of one TLP."),
    OPTIONAL("pcie.tlp_overhead_bytes", U32, hw.pcie.tlp_overhead_bytes,
             "bytes", 256, "Header, framing and checks of one TLP."),
    OPTIONAL("pcie.read_latency_ns", U32, hw.pcie.read_latency_ns, "ns",
             100000, "Of one line of memory, as a NIC sees it."),

    PART("idle_states", MAP, 0, "Idle states by name, lightest first."),
    SECTION("idle_states{}", 0, "One idle state."),
    ITEM("idle_states{}.exit_latency_ns", U32, vsw_hw_idle_state,
         exit_latency_ns, "ns", 1000000000,
         "From the interrupt to the first instruction."),

    PART("nics", MAP, 0, "Network interfaces by name."),
    SECTION("nics{}", 0, "One kind of NIC."),
    ITEM("nics{}.n_ports", U32, vsw_hw_nic, n_ports, "ports", 64, "Ports."),
    ITEM("nics{}.rate_bps", U64, vsw_hw_nic, rate_bps, "bits/s",
         10000000000000, "Of one port."),
    ITEM("nics{}.n_rss_queues", U32, vsw_hw_nic, n_rss_queues, "queues",
         4096, "RX queues among which RSS of one port chooses."),
    ITEM("nics{}.pcie_bytes_per_s", U64, vsw_hw_nic, pcie_bytes_per_s,
         "bytes/s", 10000000000000,
         "Of its slot, each way, before TLP overhead."),

    PART("note", STRING, 0, "For people."),
    PART("costs", MAP, 0, "What things cost, by the names of cost.def."),
    PART("costs{}", OBJECT, 0, "One cost."),
    {.path = "costs{}.value", .type = VSW_KEY_REAL,
     .flags = VSW_KEY_REQUIRED, .unit = "", .real = {0, 0, 1e9},
     .meaning = "The value, at most 9 digits of which 7 after the point."},
    CHOICE("costs{}.unit", STRING, VSW_KEY_REQUIRED, NULL, units,
           "Unit of value and range."),
    PART("costs{}.range", ARRAY, VSW_KEY_REQUIRED,
         "[least, most] that the source allows."),
    {.path = "costs{}.range[]", .type = VSW_KEY_REAL, .unit = "",
     .real = {0, 0, 1e9}, .meaning = "An end of the range."},
    CHOICE("costs{}.kind", ENUM, VSW_KEY_REQUIRED, NULL, kinds,
           "How the value is known. \"measured\": by us on this machine. "
           "\"published\": in the source. \"vendor\": a data sheet. "
           "\"calibrated\": fitted to the results that \"calibrated_from\" "
           "names. \"assumed\": plausible, to be swept over its range."),
    CHOICE("costs{}.includes", STRING, 0, "compute", includes,
           "Whether time spent waiting for memory is in the value."),
    PART("costs{}.compute", OBJECT, 0,
         "Of a cost that includes memory: what is left of it when all data is "
         "in the L1, in the same unit. Charged in place of the cost in runs "
         "with \"run.memory\": \"hierarchy\"."),
    {.path = "costs{}.compute.value", .type = VSW_KEY_REAL,
     .flags = VSW_KEY_REQUIRED, .unit = "", .real = {0, 0, 1e9},
     .meaning = "As of the cost; not more than that."},
    PART("costs{}.compute.range", ARRAY, VSW_KEY_REQUIRED,
         "[least, most] that the source allows."),
    {.path = "costs{}.compute.range[]", .type = VSW_KEY_REAL, .unit = "",
     .real = {0, 0, 1e9}, .meaning = "An end of the range."},
    CHOICE("costs{}.compute.kind", ENUM, VSW_KEY_REQUIRED, NULL, kinds,
           "As of the cost."),
    PART("costs{}.compute.source", STRING, VSW_KEY_REQUIRED,
         "Where value and range come from."),
    PART("costs{}.compute.calibrated_from", ARRAY, 0, "As of the cost."),
    PART("costs{}.compute.calibrated_from[]", STRING, 0, "An id."),
    PART("costs{}.source", STRING, VSW_KEY_REQUIRED,
         "Where value and range come from."),
    PART("costs{}.calibrated_from", ARRAY, 0,
         "Ids of the published results it was fitted to; they cannot "
         "validate it."),
    PART("costs{}.calibrated_from[]", STRING, 0, "An id."),
    PART("costs{}.note", STRING, 0, "For people."),
    {.type = VSW_KEY_END},
};

const struct vsw_key vsw_fact_key_table[] = {
    PART("", OBJECT, 0, "A fact."),
    PART("value", ANY, VSW_KEY_REQUIRED, "The value, as if written alone."),
    PART("range", ARRAY, 0,
         "[least, most] that the source allows; without it the value is "
         "exact."),
    PART("range[]", ANY, 0, "An end of the range."),
    CHOICE("kind", ENUM, 0, NULL, kinds,
           "How the value is known; by default as its section says."),
    PART("source", STRING, 0,
         "Where value and range come from; by default as its section "
         "says."),
    PART("note", STRING, 0, "For people."),
    {.type = VSW_KEY_END},
};

const char *
vsw_cost_kind_name(enum vsw_cost_kind kind)
{
    return kind < VSW_COST_ABSENT ? kinds[kind] : "absent";
}
