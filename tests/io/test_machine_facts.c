#include <vswsim/machine.h>

#include <errno.h>
#include <glob.h>

#include "temp_tree.h"

/* Every file starts with its title, so that what a test adds is in line 2. */
#define CPU                                                                  \
    "\"cpu\": {\"kind\": \"vendor\", \"source\": \"s\","                     \
    " \"clock_hz\": 2e9, \"tsc_hz\": 1e9}"
#define TOPOLOGY                                                             \
    "\"topology\": {\"kind\": \"vendor\", \"source\": \"s\","                \
    " \"n_cpus\": 8, \"n_cpus_per_module\": 2, \"n_cpus_per_node\": 4,"      \
    " \"n_cpus_per_package\": 8}"
#define WITH(text) "{\"title\": \"h\", " CPU ", " TOPOLOGY ",\n" text "}"

/* 32 KiB of 8 ways, and room for one more member. */
#define CACHES(members)                                                      \
    WITH("\"caches\": {\"kind\": \"vendor\", \"source\": \"data sheet\",\n"  \
         members "}")
#define L1D "\"size_bytes\": 32768, \"n_ways\": 8"

static struct vsw_machine *
load(void **state, const char *text)
{
    const char *path = temp_tree_write(*state, "m.json", text);
    struct vsw_machine *m;
    struct vsw_error err;

    if (vsw_machine_load(&m, path, NULL, &err)) {
        fail_msg("%s", err.text);
    }
    return m;
}

/* The file must be refused with one error, which has 'expected'. */
static void
refuse(void **state, const char *text, const char *expected)
{
    const char *path = temp_tree_write(*state, "m.json", text);
    struct vsw_machine *m;
    struct vsw_error err;
    const char *first;

    assert_int_not_equal(vsw_machine_load(&m, path, NULL, &err), 0);
    assert_null(m);
    first = strstr(err.text, "m.json:");
    if (!first || !strstr(err.text, expected)
        || strstr(first + 1, "m.json:")) {
        fail_msg("expected only \"%s\" in:\n%s", expected, err.text);
    }
}

static void
a_bare_fact_takes_the_source_of_its_section(void **state)
{
    struct vsw_machine *m = load(state, CACHES("\"l1d\": {" L1D "}"));
    const struct vsw_fact *fact = vsw_machine_fact(m, "caches.l1d.n_ways");

    assert_int_equal(m->hw.caches.l1d.size_bytes, 32768);
    assert_int_equal(m->hw.caches.l1d.n_ways, 8);
    assert_int_equal(m->hw.caches.l1d.line_bytes, 64);
    assert_non_null(fact);
    assert_int_equal(fact->kind, VSW_COST_VENDOR);
    assert_string_equal(fact->source, "data sheet");
    assert_string_equal(fact->unit, "ways");
    assert_int_equal(fact->min, 8);
    assert_int_equal(fact->max, 8);
    assert_null(vsw_machine_fact(m, "caches.l2.n_ways"));
    vsw_machine_free(m);
}

static void
a_fact_may_have_its_own_source(void **state)
{
    struct vsw_machine *m = load(state, CACHES("\"l1d\": {" L1D ","
        " \"latency_cycles\": {\"value\": 5, \"range\": [4, 6],"
        " \"kind\": \"assumed\", \"source\": \"a guess\"},"
        " \"write_policy\": \"through\"}"));
    const struct vsw_fact *fact
        = vsw_machine_fact(m, "caches.l1d.latency_cycles");

    assert_int_equal(m->hw.caches.l1d.latency_cycles, 5);
    assert_int_equal(fact->kind, VSW_COST_ASSUMED);
    assert_string_equal(fact->source, "a guess");
    assert_int_equal(fact->min, 4);
    assert_int_equal(fact->max, 6);
    fact = vsw_machine_fact(m, "caches.l1d.write_policy");
    assert_string_equal(fact->text, "through");
    assert_int_equal(m->hw.caches.l1d.write_policy, VSW_HW_WRITE_THROUGH);
    vsw_machine_free(m);
}

static void
idle_states_and_nics_keep_their_names_and_order(void **state)
{
    struct vsw_machine *m = load(state, WITH(
        "\"idle_states\": {"
        " \"C1\": {\"kind\": \"vendor\", \"source\": \"s\","
        " \"exit_latency_ns\": 2000}, \"C6\": {\"kind\": \"vendor\","
        " \"source\": \"s\", \"exit_latency_ns\": 90000}},"
        " \"nics\": {\"x\": {\"kind\": \"vendor\", \"source\": \"s\","
        " \"rate_bps\": 1e10}}"));

    assert_int_equal(m->hw.n_idle_states, 2);
    assert_string_equal(m->hw.idle_states[0].name, "C1");
    assert_int_equal(m->hw.idle_states[0].exit_latency_ns, 2000);
    assert_string_equal(m->hw.idle_states[1].name, "C6");
    assert_int_equal(m->hw.idle_states[1].exit_latency_ns, 90000);
    assert_int_equal(m->hw.n_nics, 1);
    assert_string_equal(m->hw.nics[0].name, "x");
    assert_int_equal(m->hw.nics[0].rate_bps, 10000000000);
    assert_int_equal(vsw_machine_fact(m, "idle_states.C6.exit_latency_ns")
                     ->value, 90000);
    vsw_machine_free(m);
}

static void
a_package_is_one_node_unless_said(void **state)
{
    struct vsw_machine *m = load(state,
        "{\"title\": \"h\", " CPU ", \"topology\": {\"kind\": \"vendor\","
        " \"source\": \"s\", \"n_cpus\": 8, \"n_cpus_per_node\": 4}}");

    assert_int_equal(m->n_cpus_per_module, 1);
    assert_int_equal(m->n_cpus_per_package, 4);
    vsw_machine_free(m);
}

static void
the_digest_follows_facts(void **state)
{
    struct vsw_machine *a = load(state, CACHES("\"l1d\": {" L1D "}"));
    struct vsw_machine *b = load(state, CACHES("\"l1d\": {" L1D ","
                                               " \"latency_cycles\": 4}"));
    struct vsw_machine *c = load(state, CACHES("\"l1d\": {" L1D ","
        " \"latency_cycles\": {\"value\": 4, \"note\": \"n\"}}"));

    assert_string_not_equal(a->digest, b->digest);
    assert_string_equal(b->digest, c->digest);
    vsw_machine_free(a);
    vsw_machine_free(b);
    vsw_machine_free(c);
}

static void
a_fact_outside_its_range_names_the_source(void **state)
{
    refuse(state, CACHES("\"l3\": {\"latency_cycles\": {\"value\": 61,"
           " \"range\": [50, 60]}}"),
           "m.json:3:36: \"caches.l3.latency_cycles\" is 61 cycles, outside "
           "its range of 50 to 60 (source: data sheet)");
}

static void
a_fact_without_source_or_kind_is_refused(void **state)
{
    refuse(state, WITH("\"memory\": {\"kind\": \"vendor\","
                       " \"latency_ns\": 90}"),
           "m.json:2:44: \"memory.latency_ns\" has no \"source\"; give it "
           "one, or one to all of \"memory\"");
    refuse(state, WITH("\"memory\": {\"source\": \"s\","
                       " \"latency_ns\": 90}"),
           "m.json:2:41: \"memory.latency_ns\" has no \"kind\"");
    refuse(state, WITH("\"idle_states\": {\"C1\": {\"kind\": \"vendor\","
                       " \"exit_latency_ns\": 9}}"),
           "\"idle_states.C1.exit_latency_ns\" has no \"source\"");
}

static void
an_assumed_fact_needs_a_range(void **state)
{
    refuse(state, WITH("\"memory\": {\"kind\": \"assumed\","
                       " \"source\": \"s\", \"latency_ns\": 90}"),
           "m.json:2:60: \"memory.latency_ns\" is assumed, so it needs a "
           "\"range\"");
    refuse(state, WITH("\"memory\": {\"kind\": \"calibrated\","
                       " \"source\": \"s\", \"latency_ns\": 90}"),
           "\"memory.latency_ns\" is calibrated; only costs can be");
}

static void
unknown_keys_are_told_the_nearest(void **state)
{
    refuse(state, CACHES("\"l1d\": {\"n_way\": 8}"),
           "m.json:3:9: unknown key \"n_way\"; try \"n_ways\"");
    refuse(state, CACHES("\"l1d\": {" L1D ", \"latency_cycles\":"
                         " {\"value\": 4, \"rang\": [4, 4]}}"),
           "m.json:3:74: unknown key \"rang\"; try \"range\"");
    refuse(state, WITH("\"n_cpus\": 4"),
           "m.json:2:1: unknown key \"n_cpus\"; there is "
           "\"topology.n_cpus\"");
}

static void
a_broken_fact_is_refused(void **state)
{
    refuse(state, CACHES("\"l1d\": {\"size_bytes\": 0, \"n_ways\": 8}"),
           "m.json:3:23: size_bytes is 0; expected an integer from 1");
    refuse(state, CACHES("\"l3\": {\"inclusion\": \"victor\"}"),
           "unknown inclusion \"victor\"; try \"victim\"");
    refuse(state, CACHES("\"l3\": {\"inclusion\": {\"value\": \"victim\","
                         " \"range\": [1, 2]}}"),
           "is no number, so it has no range");
    refuse(state, CACHES("\"l3\": {\"latency_cycles\": {\"value\": 5,"
                         " \"range\": [6, 4]}}"), "ends before it begins");
    refuse(state, CACHES("\"l3\": {\"latency_cycles\": {\"value\": 5,"
                         " \"range\": [6]}}"), "must be [least, most]");
    refuse(state, CACHES("\"l3\": {\"latency_cycles\": {\"range\": [1, 6]}}"),
           "\"value\" is missing");
}

static void
topology_must_fit(void **state)
{
    refuse(state, "{\"title\": \"h\", " CPU ", \"topology\": {\n"
           "\"kind\": \"vendor\", \"source\": \"s\", \"n_cpus\": 6,"
           " \"n_cpus_per_node\": 4}}",
           ": a machine of 6 CPUs cannot be made of packages of 4");
    refuse(state, "{\"title\": \"h\", " CPU ", \"topology\": {\"kind\":"
           " \"vendor\", \"source\": \"s\", \"n_cpus\": 8,"
           " \"n_cpus_per_package\": 8,\n\"n_cpus_per_node\": 3}}",
           "m.json:2:20: a package of 8 CPUs cannot be made of nodes of 3");
    refuse(state, "{\"title\": \"h\", " CPU ", \"topology\": {\"kind\":"
           " \"vendor\", \"source\": \"s\", \"n_cpus\": 8,"
           " \"n_cpus_per_node\": 4,\n\"n_cpus_per_module\": 3}}",
           "m.json:2:22: a node of 4 CPUs cannot be made of modules of 3");
}

static void
caches_must_fit(void **state)
{
    refuse(state, CACHES("\"l1d\": {\"size_bytes\": 32768, \"n_ways\": 7}"),
           "m.json:3:8: \"caches.l1d\": 32768 bytes cannot be made of sets "
           "of 7 lines of 64 bytes");
    refuse(state, CACHES("\"l1d\": {\"n_ways\": 7}"),
           "needs both \"size_bytes\" and \"n_ways\"");
    refuse(state, CACHES("\"l3\": {" L1D ", \"n_sharing_cpus\": 3}"),
           "3 CPUs cannot share one in a package of 8");
    refuse(state, CACHES("\"l2\": {" L1D ", \"n_sharing_cpus\": 4}"),
           "m.json:3:60: 4 CPUs share an L2, but 2 are in a module");
    refuse(state, CACHES("\"l2\": {" L1D ", \"n_sharing_cpus\": 2},"
                         " \"l3\": {" L1D ", \"n_sharing_cpus\": 1}"),
           "\"caches.l3\" serves 1 CPUs, but \"caches.l2\" 2");
    refuse(state, CACHES("\"l1d\": {" L1D "}, \"l2\": {" L1D ","
                         " \"n_sharing_cpus\": 2, \"line_bytes\": 128}"),
           "\"caches.l2\" has lines of 128 bytes, but \"caches.l1d\" of 64");
    refuse(state, CACHES("\"l3\": {" L1D "}, \"n_ddio_ways\": 9"),
           "DMA cannot allocate into 9 ways of an L3 of 8");
}

/* --- The files that ship --------------------------------------------- */

static const char *const needed[] = {
    "cpu.clock_hz", "cpu.tsc_hz", "cpu.n_line_fills", "topology.n_cpus",
    "topology.n_cpus_per_module", "topology.n_cpus_per_node",
    "topology.n_cpus_per_package", "caches.l1d.size_bytes",
    "caches.l1d.latency_cycles", "caches.l1d.write_policy",
    "caches.l1i.size_bytes", "caches.l2.size_bytes",
    "caches.l2.latency_cycles", "caches.l3.size_bytes",
    "caches.l3.latency_cycles", "caches.l3.inclusion", "tlb.l1d.n_entries",
    "tlb.l2.n_entries", "memory.n_channels", "memory.peak_bytes_per_s",
    "memory.sustained_percent", "memory.latency_ns",
    "pcie.read_latency_ns",
};

static void
check_shipped(const char *path)
{
    struct vsw_machine *m;
    struct vsw_error err;

    if (vsw_machine_load(&m, path, NULL, &err)) {
        fail_msg("%s", err.text);
    }
    for (size_t i = 0; i < VSW_N_ELEMS(needed); i++) {
        if (!vsw_machine_fact(m, needed[i])) {
            fail_msg("%s: no %s", path, needed[i]);
        }
    }
    for (uint32_t i = 0; i < m->n_facts; i++) {
        assert_true(strlen(m->facts[i].source) > 20);
    }
    assert_true(m->hw.n_idle_states > 0);
    if (m->n_cpus > m->n_cpus_per_node
        && !vsw_machine_fact(m, "cross_link.latency_ns")) {
        fail_msg("%s: no cross_link", path);
    }
    vsw_machine_free(m);
}

static void
every_machine_of_the_project_loads(void **state)
{
    static const char *const patterns[] = {
        VSW_SOURCE_DIR "/configs/machines/*.json",
        VSW_SOURCE_DIR "/configs/stacks/*.json",
    };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(patterns); i++) {
        glob_t files;

        assert_int_equal(glob(patterns[i], 0, NULL, &files), 0);
        for (size_t f = 0; f < files.gl_pathc; f++) {
            check_shipped(files.gl_pathv[f]);
        }
        globfree(&files);
    }
}

/* The numbering of the Hyper-Switch thesis. */
static void
the_opteron_has_four_nodes_of_four_modules(void **state)
{
    struct vsw_machine *m;
    struct vsw_error err;

    (void) state;
    assert_int_equal(vsw_machine_load(&m, VSW_SOURCE_DIR
        "/configs/machines/opteron-6274-2s.json", NULL, &err), 0);
    assert_int_equal(m->n_cpus, 32);
    assert_int_equal(m->n_cpus_per_module, 2);
    assert_int_equal(m->n_cpus_per_node, 8);
    assert_int_equal(m->n_cpus_per_package, 16);
    assert_int_equal(m->hw.caches.l1i.n_sharing_cpus, 2);
    assert_int_equal(m->hw.caches.l1d.write_policy, VSW_HW_WRITE_THROUGH);
    assert_int_equal(m->hw.caches.l3.inclusion, VSW_HW_VICTIM);
    vsw_machine_free(m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        tree_test(a_bare_fact_takes_the_source_of_its_section),
        tree_test(a_fact_may_have_its_own_source),
        tree_test(idle_states_and_nics_keep_their_names_and_order),
        tree_test(a_package_is_one_node_unless_said),
        tree_test(the_digest_follows_facts),
        tree_test(a_fact_outside_its_range_names_the_source),
        tree_test(a_fact_without_source_or_kind_is_refused),
        tree_test(an_assumed_fact_needs_a_range),
        tree_test(unknown_keys_are_told_the_nearest),
        tree_test(a_broken_fact_is_refused),
        tree_test(topology_must_fit),
        tree_test(caches_must_fit),
        cmocka_unit_test(every_machine_of_the_project_loads),
        cmocka_unit_test(the_opteron_has_four_nodes_of_four_modules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
