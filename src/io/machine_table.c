#include "io/machine_load.h"

#include <stddef.h>

/* In the order of enum vsw_cost_kind. */
static const char *const kinds[] = {
    "measured", "published", "vendor", "calibrated", "assumed", NULL,
};
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
#define NUMBER(name_, type_, flags_, unit_, value_, min_, max_, meaning_)    \
    {.path = #name_, .type = VSW_KEY_##type_,                                \
     .flags = VSW_KEY_STORED | (flags_), AT(name_), .unit = unit_,           \
     .value = value_, .min = min_, .max = max_, .meaning = meaning_}

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
    NUMBER(clock_hz, U64, VSW_KEY_REQUIRED, "Hz", 1000000000, 1000000,
           100000000000, "Clock of a busy CPU; converts \"cycles\"."),
    NUMBER(tsc_hz, U64, VSW_KEY_REQUIRED, "Hz", 1000000000, 1000000,
           100000000000, "Clock of its time-stamp counter; converts "
           "\"tsc_cycles\"."),
    NUMBER(n_cpus, U32, VSW_KEY_REQUIRED, "cpus", 1, 1, 4096,
           "CPUs that guests and switch can be pinned to."),
    NUMBER(n_cpus_per_module, U32, 0, "cpus", 1, 1, 4096,
           "CPUs that share L1i and L2."),
    NUMBER(n_cpus_per_node, U32, 0, "cpus", 1, 1, 4096,
           "CPUs that share an L3 and a memory controller."),
    PART("topology", ANY, 0, "Facts for people; not used yet."),
    PART("caches", ANY, 0, "Facts for people; not used yet."),
    PART("memory", ANY, 0, "Facts for people; not used yet."),
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
    PART("costs{}.source", STRING, VSW_KEY_REQUIRED,
         "Where value and range come from."),
    PART("costs{}.calibrated_from", ARRAY, 0,
         "Ids of the published results it was fitted to; they cannot "
         "validate it."),
    PART("costs{}.calibrated_from[]", STRING, 0, "An id."),
    PART("costs{}.note", STRING, 0, "For people."),
    {.type = VSW_KEY_END},
};
