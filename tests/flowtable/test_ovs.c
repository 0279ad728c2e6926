/* Decisions of Open vSwitch, recorded by ovs/record: the classifier, the
 * megaflows that it generates, and an exact-match cache in front of them must
 * take the same ones, and the MAC table must send where NORMAL does. */
#include "vsw_test.h"
#include "packets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/classifier.h>
#include <vswsim/emc.h>
#include <vswsim/jhash.h>
#include <vswsim/mactable.h>
#include <vswsim/megaflow.h>

#define MEM_BYTES   (4 << 20)
#define MAX_RULES   256
#define MAX_FLOWS   8192
#define MAX_PACKETS 1024
#define NO_RULE     MAX_RULES       /* Flow of packets that no rule matches. */

static const char *path = VSW_SOURCE_DIR "/tests/flowtable/ovs/cases.txt";
static _Alignas(128) unsigned char memory[MEM_BYTES];

struct packet {
    struct vsw_flowkey key;
    uint32_t flow;              /* As Open vSwitch says. */
    unsigned int line;
};

struct replay {
    struct vsw_arena arena;
    struct vsw_classifier *cls;
    struct vsw_megaflow *mf;
    struct vsw_emc *emc;
    struct vsw_mactable *mt;
    uint32_t n_rules;
    uint32_t n_packets;         /* Of this table. */
    struct packet packets[MAX_PACKETS];
    unsigned int line;
    unsigned int n_emc_hits, n_mf_hits, n_upcalls, n_learns;
};

static void
check(unsigned int line, uint32_t flow, uint32_t want, const char *who)
{
    if (flow != want) {
        print_error("%s:%u: the %s says %u, Open vSwitch %u\n", path, line,
                    who, flow, want);
        fail();
    }
}

static void
reset(struct replay *r)
{
    struct vsw_emc_shape shape = {VSW_EMC_OVS_ENTRIES, VSW_EMC_OVS_POSITIONS,
                                  VSW_EMC_MIN_ENTRY_BYTES};

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&r->arena, memory, sizeof memory);
    r->cls = vsw_classifier_new(&r->arena, MAX_RULES, MAX_RULES);
    r->mf = vsw_megaflow_new(&r->arena, MAX_FLOWS, 512);
    r->emc = vsw_emc_new(&r->arena, &shape);
    r->mt = vsw_mactable_new(&r->arena, 1024, 0);
    assert_true(r->cls && r->mf && r->emc && r->mt);
    r->n_rules = 0;
    r->n_packets = 0;
}

/* As a switch does it: cache, then cache, then the rules. */
static uint32_t
decide(struct replay *r, const struct vsw_flowkey *key)
{
    uint32_t hash = vsw_jhash(key, sizeof *key, 0);
    uint32_t flow = vsw_emc_lookup(r->emc, key, hash, NULL);
    struct vsw_flowkey mask;

    if (flow != VSW_FLOW_NONE) {
        r->n_emc_hits++;
        return flow;
    }
    flow = vsw_megaflow_lookup(r->mf, key, NULL);
    if (flow != VSW_FLOW_NONE) {
        r->n_mf_hits++;
    } else {
        r->n_upcalls++;
        flow = vsw_classifier_lookup(r->cls, key, &mask, NULL);
        flow = flow == VSW_FLOW_NONE ? NO_RULE : flow;
        assert_int_equal(vsw_megaflow_insert(r->mf, key, &mask, flow, NULL),
                         0);
    }
    vsw_emc_insert(r->emc, key, hash, flow, NULL);
    return flow;
}

/* Once all the megaflows of a table are there, each packet again. */
static void
finish_table(struct replay *r)
{
    for (uint32_t i = 0; i < r->n_packets; i++) {
        const struct packet *p = &r->packets[i];

        check(p->line, decide(r, &p->key), p->flow, "cache");
        check(p->line, vsw_megaflow_lookup(r->mf, &p->key, NULL), p->flow,
              "megaflow cache");
    }
    r->n_packets = 0;
}

/* Writes the bytes of 'hex' to offset 'at' of 'key'; returns what follows. */
static const char *
put_bytes(struct vsw_flowkey *key, size_t at, const char *hex)
{
    while (strchr("0123456789abcdef", *hex) && *hex) {
        unsigned int value;

        assert_int_equal(sscanf(hex, "%2x", &value), 1);
        assert_true(at < sizeof *key);
        ((unsigned char *) key)[at++] |= (unsigned char) value;
        hex += 2;
    }
    return hex;
}

/* A rule: "PRIORITY AT:VALUE/MASK ...". */
static void
replay_rule(struct replay *r, const char *text)
{
    struct vsw_flowkey key, mask;
    char *end;
    uint32_t priority = (uint32_t) strtoul(text, &end, 10);

    memset(&key, 0, sizeof key);
    memset(&mask, 0, sizeof mask);
    while (*end == ' ') {
        size_t at = strtoul(end, &end, 10);
        const char *p;

        assert_int_equal(*end, ':');
        p = put_bytes(&key, at, end + 1);
        assert_int_equal(*p, '/');
        end += put_bytes(&mask, at, p + 1) - end;
    }
    assert_int_equal(vsw_classifier_insert(r->cls, &key, &mask, priority,
                                           r->n_rules++, NULL), 0);
}

/* Appends the bytes of 'hex', in which "*NN" stands for 0xNN zeros. */
static void
unpack(struct frame *f, char *hex)
{
    char *star = strchr(hex, '*');
    unsigned int n_zeros;

    while (star) {
        *star = '\0';
        frame_add(f, hex);
        assert_int_equal(sscanf(star + 1, "%2x", &n_zeros), 1);
        assert_true(f->n_bytes + n_zeros <= sizeof f->bytes);
        memset(f->bytes + f->n_bytes, 0, n_zeros);
        f->n_bytes += n_zeros;
        hex = star + 3;
        star = strchr(hex, '*');
    }
    frame_add(f, hex);
}

/* A packet: "IN_PORT FRAME RULE". */
static void
replay_packet(struct replay *r, const char *text)
{
    struct packet *p = &r->packets[r->n_packets++];
    char hex[512], rule[16];
    struct frame frame = {0, {0}};
    unsigned int in_port;
    uint32_t flow;

    assert_true(r->n_packets <= MAX_PACKETS);
    assert_int_equal(sscanf(text, "%u %511s %15s", &in_port, hex, rule), 3);
    unpack(&frame, hex);
    vsw_flowkey_extract(&p->key, frame.bytes, frame.n_bytes,
                        (uint16_t) in_port, NULL);
    p->flow = rule[0] == '-' ? NO_RULE : (uint32_t) strtoul(rule, NULL, 10);
    p->line = r->line;
    flow = vsw_classifier_lookup(r->cls, &p->key, NULL, NULL);
    check(r->line, flow == VSW_FLOW_NONE ? NO_RULE : flow, p->flow,
          "classifier");
    check(r->line, decide(r, &p->key), p->flow, "cache");
}

static struct vsw_mac
mac_from(const char *hex)
{
    struct frame f = {0, {0}};
    struct vsw_mac mac;

    frame_add(&f, hex);
    assert_int_equal(f.n_bytes, sizeof mac);
    memcpy(&mac, f.bytes, sizeof mac);
    return mac;
}

/* A frame in a learning switch: "IN_PORT DST SRC OUT". */
static void
replay_learn(struct replay *r, const char *text)
{
    char dst_hex[13], src_hex[13], out[16];
    struct vsw_mac dst, src;
    unsigned int in_port;
    uint32_t port, want;

    assert_int_equal(sscanf(text, "%u %12s %12s %15s", &in_port, dst_hex,
                            src_hex, out), 4);
    dst = mac_from(dst_hex);
    src = mac_from(src_hex);
    assert_int_equal(vsw_mactable_learn(r->mt, &src, in_port, 0, NULL), 0);
    port = vsw_mactable_lookup(r->mt, &dst, 0, NULL);
    want = strcmp(out, "flood") == 0 ? VSW_PORT_FLOOD
           : strcmp(out, "drop") == 0 ? in_port
           : (uint32_t) strtoul(out, NULL, 10);
    check(r->line, port, want, "MAC table");
    r->n_learns++;
}

static void
replay_line(struct replay *r, const char *line)
{
    switch (line[0]) {
    case '#':
        print_message("%s", line);
        break;
    case 't':
    case 'n':
        finish_table(r);
        reset(r);
        break;
    case 'r':
        replay_rule(r, line + 2);
        break;
    case 'p':
        replay_packet(r, line + 2);
        break;
    case 'l':
        replay_learn(r, line + 2);
        break;
    default:
        fail_msg("%s:%u: no such item", path, r->line);
    }
}

static void
decisions_are_those_of_open_vswitch(void **state)
{
    static struct replay r;
    static char line[2048];
    FILE *file = fopen(path, "r");

    (void) state;
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        r.line++;
        replay_line(&r, line);
    }
    finish_table(&r);
    fclose(file);
    print_message("%u upcalls, %u megaflow hits, %u exact-match hits, "
                  "%u learned\n", r.n_upcalls, r.n_mf_hits, r.n_emc_hits,
                  r.n_learns);
    assert_true(r.n_upcalls && r.n_mf_hits && r.n_emc_hits && r.n_learns);
}

int
main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions_are_those_of_open_vswitch),
    };

    if (argc > 1) {
        path = argv[1];
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
