#include "io/config/config_keys.h"

#include <assert.h>
#include <stddef.h>

#include <vswsim/switch.h>

static_assert(sizeof(enum vsw_pacing) == sizeof(uint32_t)
              && sizeof(enum vsw_portmap_by) == sizeof(uint32_t)
              && sizeof(enum vsw_memory_mode) == sizeof(uint32_t)
              && sizeof(enum vsw_acl_source) == sizeof(uint32_t)
              && sizeof(enum vsw_acl_type) == sizeof(uint32_t)
              && sizeof(enum vsw_workload_kind) == sizeof(uint32_t)
              && sizeof(enum vsw_search_kind) == sizeof(uint32_t)
              && sizeof(enum vsw_workload_pattern) == sizeof(uint32_t)
              && sizeof(enum vsw_workload_congestion) == sizeof(uint32_t)
              && sizeof(enum vsw_config_placement) == sizeof(uint32_t),
              "enumerations are stored as uint32_t");

/* In the order of the enumerations in config.h. */
static const char *const pacings[] = {
    "saturate", "recorded", "scaled", "fixed", "closed_loop", NULL,
};
static const char *const portmaps[] = {
    "mac", "ip", "flow_hash", "pairs", "table", NULL,
};

static const char *const acl_sources[] = {
    "none", "generated", "file", NULL,
};
static const char *const acl_types[] = {
    "default_allow", "default_deny", NULL,
};

static const char *const workloads[] = {
    "trace", "stream", "udp", "request_response", "key_value", NULL,
};
static const char *const patterns[] = {
    "pairs", "all_to_all", "to_wire", "from_wire", "to_last", NULL,
};
static const char *const searches[] = {"none", "lossless", NULL};
static const char *const congestions[] = {"newreno", "cubic", NULL};

static const char *const placements[] = {"in_order", "spread", NULL};

static const char *const drivers[] = {
    "default",
#define VSW_GUEST(name) #name,
#include "guest/drivers.def"
#undef VSW_GUEST
    NULL,
};

static const char *const memory_modes[] = {"flat", "hierarchy", NULL};
static const char *const plot_kinds[] = {"lines", "bars", "stack", NULL};

#define PART(path_, type_, flags_, meaning_)                                 \
    {.path = path_, .type = VSW_KEY_##type_, .flags = flags_, .unit = "",    \
     .meaning = meaning_}
#define TEXT(path_, flags_, meaning_)                                        \
    {.path = path_, .type = VSW_KEY_STRING, .flags = flags_, .unit = "",     \
     .meaning = meaning_}
#define AT(member) .offset = offsetof(struct vsw_config, member)
#define NUMBER(path_, type_, flags_, member_, unit_, value_, min_, max_,     \
               meaning_)                                                     \
    {.path = path_, .type = VSW_KEY_##type_,                                 \
     .flags = VSW_KEY_STORED | (flags_), AT(member_), .unit = unit_,         \
     .value = value_, .min = min_, .max = max_, .meaning = meaning_}

const struct vsw_key vsw_config_key_table[] = {
    PART("", OBJECT, 0, "An experiment file."),
    TEXT("$schema", 0, "Where an editor finds the JSON Schema; ignored."),
    TEXT("title", 0, "One line for people; heads tables and figures."),
    TEXT("question", 0, "What the experiment asks."),
    TEXT("extends", 0,
         "Path of a parent file, from this file. Objects merge key by key; "
         "anything else replaces what the parent says."),
    TEXT("machine", VSW_KEY_REQUIRED | VSW_KEY_SHARED,
         "The simulated computer: name of a stack file, or its path from "
         "this file if there is a slash in it."),

    PART("guests", OBJECT, 0, "The guests, all alike."),
    NUMBER("guests.n", U32, 0, guests.n, "guests", 2, 0, 256,
           "Guests; each has one switch port."),
    NUMBER("guests.n_cpus", U32, 0, guests.n_cpus, "cpus", 1, 1, 64,
           "vCPUs of a guest that move packets, each with a queue pair of "
           "its own."),
    NUMBER("guests.burst_pkts", U32, 0, guests.burst_pkts, "packets", 32, 1,
           1024, "Most packets that the guest's driver moves at once."),
    NUMBER("guests.ring_slots", U32, VSW_KEY_POWER_OF_2, guests.ring_slots,
           "slots", 256, 2, 32768, "Slots of each TX and RX ring."),
    NUMBER("guests.rx_min_bufs", U32, 0, guests.rx_min_bufs, "buffers", 64, 40,
           4096,
           "Receive buffers that a driver keeps posted at least, and begins "
           "with, if it has a target below the slots of its ring: netfront "
           "has. It posts new ones when half of its target is missing, and "
           "half of it must hold the largest packet. RX_DFL_MIN_TARGET of "
           "Linux drivers/net/xen-netfront.c (rxbuf_min in sysfs)."),
    NUMBER("guests.rx_max_bufs", U32, 0, guests.rx_max_bufs, "buffers", 256,
           40, 4096,
           "Buffers that such a driver posts at most: its target doubles when "
           "a quarter of it is all that is left, and shrinks by one whenever "
           "three quarters are. RX_MAX_TARGET there (rxbuf_max)."),
    NUMBER("guests.pages_shared", U32, 0, guests.pages_shared, "pages",
           VSW_GUEST_PAGES_SHARED, 8, 96,
           "Pages of 4 KiB that a polling driver touches for a burst in "
           "either direction (code, stack, global state), which a flush of "
           "the TLB makes it walk for again. An estimate from the sources "
           "of pktgen and DPDK, not a count of one build; to be swept."),
    NUMBER("guests.pages_direction", U32, 0, guests.pages_direction, "pages",
           VSW_GUEST_PAGES_DIRECTION, 4, 48,
           "The same for what only one direction touches (code, queue, "
           "rings, pool), beside the pages of packets."),
    NUMBER("guests.n_deaf", U32, 0, guests.n_deaf, "guests", 0, 0, 256,
           "How many guests, the last ones, never take a packet out of their "
           "receive rings, as one that attacks its neighbours may; for "
           "polling drivers."),
    {.path = "guests.driver", .type = VSW_KEY_STRING,
     .flags = VSW_KEY_STORED, AT(guests.driver), .unit = "",
     .string = "default", .choices = drivers,
     .meaning = "What runs in the guests: a network driver and what uses it. "
                "\"default\" is what the architecture is meant for; "
                "\"vswsim models NAME\" lists those that it serves."},
    {.path = "guests.placement", .type = VSW_KEY_ENUM,
     .flags = VSW_KEY_STORED, AT(guests.placement), .unit = "",
     .value = VSW_PLACEMENT_IN_ORDER, .choices = placements,
     .meaning = "Where vCPUs and threads of the switch run that are not "
                "pinned: always on a CPU with the fewest of them, and of "
                "these on the lowest (\"in_order\"), or on the first CPU of "
                "each module, then on the others (\"spread\", as Xen's "
                "credit scheduler does)."},

    PART("guests.pin", ARRAY, VSW_KEY_SHARED,
         "CPUs of the vCPUs, those of the first guest first. vCPUs beyond "
         "the list go where \"placement\" says; entries beyond the vCPUs are "
         "not used. A CPU may be named twice if nothing that polls is "
         "there."),
    {.path = "guests.pin[]", .type = VSW_KEY_U32, .unit = "", .max = 4095,
     .meaning = "A CPU of the machine."},

    PART("switch", OBJECT, 0, "The switch."),
    NUMBER("switch.n_cpus", U32, VSW_KEY_OR_ZERO, switch_n_cpus, "cpus", 0, 1,
           256, "CPUs of its own that the switch has threads for; 0 means as "
           "many as the architecture wants."),
    PART("switch.pin", ARRAY, VSW_KEY_SHARED,
         "CPUs of these threads. Those beyond the list go where "
         "\"guests.placement\" says, before vCPUs that are not pinned."),
    {.path = "switch.pin[]", .type = VSW_KEY_U32, .unit = "", .max = 4095,
     .meaning = "A CPU of the machine."},

    PART("wires", OBJECT, 0,
         "Physical ports. Each is a port of the machine's first NIC with a "
         "link to an external client, which sends and receives as a guest "
         "does but is never the bottleneck. Their switch ports follow those "
         "of the guests."),
    NUMBER("wires.n", U32, 0, wires.n, "ports", 0, 0, 16, "Physical ports."),
    NUMBER("wires.rate_bps", U64, VSW_KEY_OR_ZERO, wires.rate_bps, "bit/s", 0,
           1000000, 1000000000000, "Line rate; 0 is that of the NIC."),
    NUMBER("wires.delay_ns", U64, 0, wires.delay_ns, "ns", 50, 0, 1000000000,
           "From one end of a link to the other: 5 ns a metre."),

    PART("cpus", OBJECT, 0, "How CPUs are shared and how they sleep."),
    NUMBER("cpus.slice_us", U64, 0, cpus.slice_us, "us", 30000, 1, 1000000,
           "Time slice of vCPUs and threads that share a CPU."),
    NUMBER("cpus.wake_us", U64, 0, cpus.wake_us, "us", 1000, 0, 1000000,
           "Time that one of them has had the CPU before another that wakes "
           "up may take it; at most \"slice_us\"."),
    NUMBER("cpus.idle_poll_ns", U64, 0, cpus.idle_poll_ns, "ns", 0, 0,
           1000000000, "Busy poll of an idle CPU before it sleeps."),
    NUMBER("cpus.max_exit_latency_ns", U64, 0, cpus.max_exit_latency_ns, "ns",
           0, 0, 1000000000,
           "Idle states that take longer to leave are not used; 0 means all "
           "are."),

    {.path = "traffic", .type = VSW_KEY_OBJECT, .flags = VSW_KEY_REQUIRED,
     .unit = "", .unless = "workload",
     .meaning = "The packets of a trace that guests and clients send, unless "
                "\"workload\" says otherwise."},
    {.path = "traffic.trace", .type = VSW_KEY_STRING,
     .flags = VSW_KEY_STORED | VSW_KEY_REQUIRED | VSW_KEY_SHARED,
     AT(traffic.trace), .unit = "",
     .meaning = "Capture file (pcap or pcapng). A relative path starts at "
                "the file that names it, on the command line at the working "
                "directory. \"-\" is standard input."},
    {.path = "traffic.filter", .type = VSW_KEY_STRING,
     .flags = VSW_KEY_STORED | VSW_KEY_SHARED, AT(traffic.filter),
     .unit = "",
     .meaning = "BPF expression; packets that it refuses are left out."},
    PART("traffic.map", OBJECT, 0,
         "How the flows of the trace map to switch ports."),
    {.path = "traffic.map.by", .type = VSW_KEY_ENUM,
     .flags = VSW_KEY_STORED | VSW_KEY_SHARED, AT(traffic.map_by),
     .unit = "", .value = VSW_PORTMAP_MAC, .choices = portmaps,
     .meaning = "\"mac\" and \"ip\": one port per source address, as they "
                "appear. \"flow_hash\": ports by the hash of the flow. "
                "\"pairs\": source port by that hash, destination its "
                "partner, where ports 2i and 2i+1 are partners. \"table\": "
                "as listed in \"table\"."},
    PART("traffic.map.table", ARRAY, VSW_KEY_SHARED,
         "For \"by\": \"table\": which addresses are behind which port. The "
         "first entry that matches counts."),
    PART("traffic.map.table[]", OBJECT, 0, "One entry."),
    TEXT("traffic.map.table[].match", VSW_KEY_REQUIRED,
         "A MAC address, or an IP address or prefix such as 10.0.0.0/24."),
    {.path = "traffic.map.table[].port", .type = VSW_KEY_U32,
     .flags = VSW_KEY_REQUIRED, .unit = "", .max = 255,
     .meaning = "The port, below guests.n + wires.n."},
    {.path = "traffic.pacing", .type = VSW_KEY_ENUM,
     .flags = VSW_KEY_STORED, AT(traffic.pacing), .unit = "",
     .value = VSW_PACING_SATURATE, .choices = pacings,
     .meaning = "When a guest offers its next packet. \"saturate\": as soon "
                "as there is a free slot. \"recorded\": at the times of the "
                "trace. \"scaled\": the same times \"time_scale\". "
                "\"fixed\": evenly at \"rate_pps\", in bursts. "
                "\"closed_loop\": when TCP lets it; the ends of each TCP "
                "connection of the trace send its payload to each other over "
                "sockets, each what it sent in the trace as soon as it has "
                "read what came before, with the TCP that \"workload\" "
                "describes."},
    {.path = "traffic.time_scale", .type = VSW_KEY_REAL,
     .flags = VSW_KEY_STORED, AT(traffic.time_scale), .unit = "",
     .real = {1.0, 0.000001, 1000000.0},
     .meaning = "For \"scaled\": factor on recorded times; more than 1 is "
                "slower."},
    NUMBER("traffic.rate_pps", U64, VSW_KEY_OR_ZERO, traffic.rate_pps,
           "packets/s", 0, 1, 1000000000,
           "For \"fixed\": rate of all guests together."),
    NUMBER("traffic.n_loops", U32, 0, traffic.n_loops, "", 0, 0, 1000000000,
           "Times the trace is played; 0 means until the run ends. When it is "
           "over, the run ends with the last packet that leaves."),
    NUMBER("traffic.frame_bytes", U32, VSW_KEY_OR_ZERO, traffic.frame_bytes,
           "bytes", 0, 64, 65553,
           "Size given to every frame, check sequence included (64 occupies "
           "84 bytes of wire); 0 keeps the sizes of the trace."),
    NUMBER("traffic.max_flows", U32, 0, traffic.max_flows, "flows", 0, 0,
           1048576,
           "Packets of only this many flows, those that come first, are "
           "played; 0 means of all. A flow is one direction of a "
           "connection."),
    NUMBER("traffic.max_jump_ns", U64, VSW_KEY_SHARED, traffic.max_jump_ns,
           "ns", 1000000000, 1, 3600000000000,
           "Longer gaps between packets of the trace are cut to this, and "
           "counted."),

    PART("workload", OBJECT, 0,
         "What applications in guests and clients do, if they do not just "
         "send a trace: closed loops, over sockets."),
    {.path = "workload.kind", .type = VSW_KEY_ENUM,
     .flags = VSW_KEY_STORED, AT(workload.kind), .unit = "",
     .value = VSW_WORKLOAD_TRACE, .choices = workloads,
     .meaning = "\"trace\": what \"traffic\" says. \"stream\": TCP, as "
                "much as goes. \"udp\": datagrams. \"request_response\": "
                "a request, its answer, the next request. \"key_value\": "
                "the same, answered by a key-value store such as Redis."},
    {.path = "workload.pattern", .type = VSW_KEY_ENUM,
     .flags = VSW_KEY_STORED, AT(workload.pattern), .unit = "",
     .value = VSW_PATTERN_PAIRS, .choices = patterns,
     .meaning = "Who sends, or asks. \"pairs\": guest 2i to guest 2i+1. "
                "\"all_to_all\": each guest to each other. \"to_wire\": "
                "each guest to one of the clients. \"from_wire\": one of "
                "the clients to each guest. \"to_last\": each other guest "
                "to the last."},
    NUMBER("workload.n_connections", U32, 0, workload.n_connections, "", 1, 1,
           4096, "Connections of each that talk to each other; spread over "
           "the vCPUs of a guest."),
    NUMBER("workload.payload_bytes", U32, 0, workload.payload_bytes, "bytes",
           65536, 1, 1048576,
           "Payload of a send (\"stream\") or a datagram (\"udp\", at "
           "most 1472)."),
    {.path = "workload.sendfile", .type = VSW_KEY_BOOL,
     .flags = VSW_KEY_STORED, AT(workload.sendfile), .unit = "",
     .meaning = "For \"stream\": send without a copy from user space."},
    NUMBER("workload.file_bytes", U32, 0, workload.file_bytes, "bytes", 65536,
           4096, 67108864,
           "With \"sendfile\": what a guest sends over and over, in its page "
           "cache. It matters with caches simulated."),
    NUMBER("workload.request_bytes", U32, 0, workload.request_bytes, "bytes",
           1, 1, 1048576, "Payload of a request."),
    NUMBER("workload.response_bytes", U32, 0, workload.response_bytes,
           "bytes", 1, 1, 1048576, "Payload of its answer."),
    NUMBER("workload.rate_pps", U64, VSW_KEY_OR_ZERO, workload.rate_pps,
           "packets/s", 0, 1, 100000000,
           "For \"udp\": datagrams of each connection; 0 means as many as "
           "the sender can."),
    {.path = "workload.congestion", .type = VSW_KEY_ENUM,
     .flags = VSW_KEY_STORED, AT(workload.congestion), .unit = "",
     .value = VSW_CONGESTION_CUBIC, .choices = congestions,
     .meaning = "Congestion control of TCP."},
    NUMBER("workload.window_bytes", U32, 0, workload.window_bytes, "bytes",
           1048576, 4096, 8388480, "Receive buffer: the window offered."),
    NUMBER("workload.send_buf_bytes", U32, 0, workload.send_buf_bytes,
           "bytes", 1048576, 4096, 8388480, "Send buffer."),
    NUMBER("workload.max_seg_bytes", U32, VSW_KEY_OR_ZERO,
           workload.max_seg_bytes, "bytes", 65160, 1448, 65160,
           "Longest segment that a guest hands over, with segmentation "
           "offload, rounded to frames of 1448; 0 means no offload."),
    {.path = "workload.nagle", .type = VSW_KEY_BOOL,
     .flags = VSW_KEY_STORED, AT(workload.nagle), .unit = "", .value = 1,
     .meaning = "Hold small segments back while one is under way."},
    NUMBER("workload.rto_min_us", U64, VSW_KEY_OR_ZERO, workload.rto_min_us,
           "us", 0, 10, 10000000,
           "Least retransmission timeout of TCP; 0 means that of the stack: "
           "200 ms of Linux, 30 ms of F-Stack's FreeBSD."),
    NUMBER("workload.start_us", U64, VSW_KEY_OR_ZERO, workload.start_us,
           "us", 0, 1, 10000000,
           "Time in which connections begin one after the other, in even "
           "steps, as a script starts their programs; 0 means all at once. "
           "Leave it well within the warm-up."),
    NUMBER("workload.delack_us", U64, 0, workload.delack_us, "us", 40000, 1,
           500000, "Longest wait of an acknowledgement."),
    NUMBER("workload.hold_ns", U64, 0, workload.hold_ns, "ns", 20000, 0,
           1000000,
           "Longest that a client on a wire aggregates what it receives, as "
           "the moderated interrupts of its NIC do."),
    NUMBER("workload.react_ns", U64, 0, workload.react_ns, "ns", 20000, 0,
           1000000,
           "Time that a client's applications take to react: interrupt, "
           "stack, wake-up and system calls of a machine that is never the "
           "bottleneck. Assumed; 10 to 40 us are what servers took around "
           "2010."),

    PART("search", OBJECT, 0,
         "Look for a rate instead of taking the one given."),
    {.path = "search.kind", .type = VSW_KEY_ENUM, .flags = VSW_KEY_STORED,
     AT(search.kind), .unit = "", .value = VSW_SEARCH_NONE,
     .choices = searches,
     .meaning = "\"lossless\": the highest rate, up to \"rate_pps\" (of "
                "\"traffic\" with pacing \"fixed\", or of \"workload\" with "
                "kind \"udp\"), that loses no more than \"max_loss_ppm\". "
                "Results are of the run at this rate; the counter "
                "search_rate_pps tells it, 0 if every rate loses."},
    NUMBER("search.max_loss_ppm", U32, 0, search.max_loss_ppm, "", 0, 0,
           1000000, "Packets of a million that may be lost."),
    NUMBER("search.n_steps", U32, 0, search.n_steps, "", 10, 1, 30,
           "Most runs; each but the first halves the interval."),

    PART("acl", OBJECT, 0,
         "The access list that a switch enforces, if its architecture can."),
    {.path = "acl.source", .type = VSW_KEY_ENUM, .flags = VSW_KEY_STORED,
     AT(acl.source), .unit = "", .value = VSW_ACL_SOURCE_NONE,
     .choices = acl_sources,
     .meaning = "\"none\": no list. \"generated\": a list with the "
                "structure of real ones, for the addresses of the trace. "
                "\"file\": that of \"acl.file\"."},
    {.path = "acl.type", .type = VSW_KEY_ENUM, .flags = VSW_KEY_STORED,
     AT(acl.type), .unit = "", .value = VSW_ACL_DEFAULT_ALLOW,
     .choices = acl_types,
     .meaning = "What becomes of a packet that no rule matches. It also "
                "sets the verdict of rules that state none: deny in a "
                "\"default_allow\" list, permit in the other."},
    NUMBER("acl.n_rules", U32, 0, acl.n_rules, "rules", 971, 1, 65536,
           "For \"generated\": length of the list. 971 reject rules are "
           "the set of the sNICh measurements."),
    NUMBER("acl.match_permille", U32, 0, acl.match_permille, "", 0, 0, 1000,
           "For \"generated\": of 1000 rules, those that packets of the "
           "trace may match."),
    {.path = "acl.seed", .type = VSW_KEY_U64, .flags = VSW_KEY_STORED,
     AT(acl.seed), .unit = "", .value = 1, .max = INT64_MAX,
     .meaning = "For \"generated\": of the list."},
    {.path = "acl.file", .type = VSW_KEY_STRING,
     .flags = VSW_KEY_STORED | VSW_KEY_SHARED, AT(acl.file), .unit = "",
     .meaning = "Rules in the ClassBench format, one a line; a relative path "
                "starts at the file that names it. A last word \"permit\" "
                "or \"deny\" sets a rule's verdict."},

    PART("qos", OBJECT, 0, "Classes of service."),
    {.path = "qos.file", .type = VSW_KEY_STRING,
     .flags = VSW_KEY_STORED | VSW_KEY_SHARED, AT(qos.file), .unit = "",
     .meaning = "A list in the same format that sorts packets into classes: "
                "rules end in \"class 0\" to \"class 7\", higher goes "
                "first; what no rule matches is of class 0."},

    PART("params", MAP, 0,
         "Parameters for every design whose model has them; what a design "
         "says itself goes first, what a --set says goes before both. "
         "\"vswsim models NAME\" lists the parameters of a model."),
    PART("params{}", ANY, 0, "A value."),

    PART("designs", ARRAY, VSW_KEY_REQUIRED,
         "The architectures to compare."),
    PART("designs[]", OBJECT, 0, "One design."),
    TEXT("designs[].name", 0,
         "Label in results and figures; the model's name if absent."),
    TEXT("designs[].model", VSW_KEY_REQUIRED,
         "The architecture; \"vswsim models\" lists them."),
    TEXT("designs[].machine", 0,
         "Another machine for this design, such as the same hardware with "
         "another stack."),
    PART("designs[].params", MAP, 0, "Parameters of the model."),
    PART("designs[].params{}", ANY, 0, "A value."),
    PART("designs[].set", MAP, 0,
         "Keys of this file with another value for this design, such as "
         "{\"guests.n_cpus\": 4}."),
    PART("designs[].set{}", ANY, 0, "A value."),

    PART("sweep", MAP, 0,
         "Axes: a key of this file (\"traffic.frame_bytes\") or a parameter "
         "(\"params.burst_pkts\") and the values it takes. Axes multiply."),
    PART("sweep{}", ARRAY, 0, "The values of one axis."),

    PART("run", OBJECT, 0, "Control of the simulation."),
    NUMBER("run.duration_us", U64, 0, run.duration_us, "us", 5000, 1,
           3600000000, "Simulated time, warm-up included."),
    NUMBER("run.warmup_us", U64, 0, run.warmup_us, "us", 1000, 0, 3600000000,
           "Simulated time before anything is measured."),
    NUMBER("run.replications", U32, VSW_KEY_SHARED, run.replications, "", 5,
           1, 10000,
           "Runs of each point with independent random streams; the same "
           "streams for every design."),
    {.path = "run.seed", .type = VSW_KEY_U64,
     .flags = VSW_KEY_STORED | VSW_KEY_SHARED, AT(run.seed), .unit = "",
     .value = 1, .max = INT64_MAX, .meaning = "Of all random streams."},
    NUMBER("run.quantum_ns", U64, VSW_KEY_OR_ZERO, run.quantum_ns, "ns", 0,
           1, 1000000,
           "How far a unit may run ahead of the others. A property of the "
           "simulator, not of what is simulated; 0 means the machine's "
           "least interrupt latency, at most 1000."),

    {.path = "run.memory", .type = VSW_KEY_ENUM, .flags = VSW_KEY_STORED,
     AT(run.memory), .unit = "", .value = VSW_MEMORY_FLAT,
     .choices = memory_modes,
     .meaning = "\"flat\": each cost includes the memory that it usually "
                "takes. \"hierarchy\": caches, their coherence and memory "
                "bandwidth are simulated, and costs are their compute part; "
                "slower, and the reference."},

    PART("plots", ARRAY, 0, "Figures to draw."),
    PART("plots[]", OBJECT, 0, "One figure."),
    TEXT("plots[].file", VSW_KEY_REQUIRED,
         "Base name: \"rate\" gives rate.svg and rate.png."),
    TEXT("plots[].title", 0, "Heading; the experiment's title if absent."),
    {.path = "plots[].kind", .type = VSW_KEY_STRING, .unit = "",
     .string = "lines", .choices = plot_kinds,
     .meaning = "\"lines\" over an axis; \"bars\" over an axis or the "
                "designs; \"stack\": where the time goes, per design."},
    TEXT("plots[].x", VSW_KEY_REQUIRED,
         "An axis of \"sweep\", or \"design\" for bars and stacks."),
    TEXT("plots[].y", VSW_KEY_REQUIRED, "A metric, such as "
         "\"delivered_pps\"."),
    {.path = "plots[].log_x", .type = VSW_KEY_BOOL, .unit = "", .max = 1,
     .meaning = "Logarithmic x axis."},
    {.path = "plots[].log_y", .type = VSW_KEY_BOOL, .unit = "", .max = 1,
     .meaning = "Logarithmic y axis."},

    {.type = VSW_KEY_END},
};
