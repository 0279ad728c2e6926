#include "vsw_test.h"

#include <string.h>

#include <vswsim/grants.h>

#include "policy/rng.h"

static _Alignas(64) unsigned char memory[8192];

static struct vsw_grants *
new_grants(uint32_t n_slots, uint32_t n_ways)
{
    struct vsw_arena arena;
    struct vsw_grants *g;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    g = vsw_grants_new(&arena, n_slots, n_ways);
    assert_true(g || arena.used_bytes == 0);
    return g;
}

static enum vsw_grant_outcome
get_ro(struct vsw_grants *g, uint32_t pfn, struct vsw_grant *grant)
{
    return vsw_grants_get(g, pfn, VSW_GRANT_READ_ONLY, grant, NULL);
}

static void
a_page_stays_granted_after_its_last_use(void **state)
{
    struct vsw_grants *g = new_grants(8, 4);
    struct vsw_grant first, again;

    (void) state;
    assert_int_equal(get_ro(g, 7, &first), VSW_GRANT_ISSUE);
    vsw_grants_put(g, first.ref, NULL);
    assert_int_equal(get_ro(g, 7, &again), VSW_GRANT_REUSE);
    assert_int_equal(again.ref, first.ref);
    assert_int_equal(get_ro(g, 7, &again), VSW_GRANT_REUSE);
    assert_int_equal(vsw_grants_n_granted(g, VSW_GRANT_READ_ONLY), 1);
}

static void
the_halves_are_apart(void **state)
{
    struct vsw_grants *g = new_grants(8, 4);
    struct vsw_grant ro, rw;

    (void) state;
    assert_int_equal(get_ro(g, 7, &ro), VSW_GRANT_ISSUE);
    assert_int_equal(vsw_grants_get(g, 7, VSW_GRANT_READ_WRITE, &rw, NULL),
                     VSW_GRANT_ISSUE);
    assert_in_range(ro.ref, 0, 7);
    assert_in_range(rw.ref, 8, 15);
}

static void
a_full_set_loses_its_first_inactive_page(void **state)
{
    struct vsw_grants *g = new_grants(4, 4);
    struct vsw_grant grant;
    uint32_t refs[4];

    (void) state;
    for (uint32_t pfn = 0; pfn < 4; pfn++) {
        assert_int_equal(get_ro(g, pfn, &grant), VSW_GRANT_ISSUE);
        refs[pfn] = grant.ref;
        assert_int_equal(grant.ref, pfn);
    }
    vsw_grants_put(g, refs[3], NULL);
    vsw_grants_put(g, refs[1], NULL);
    assert_int_equal(get_ro(g, 9, &grant), VSW_GRANT_REPLACE);
    assert_int_equal(grant.ref, 1);
    assert_int_equal(grant.revoked_pfn, 1);
    assert_int_equal(get_ro(g, 10, &grant), VSW_GRANT_REPLACE);
    assert_int_equal(grant.revoked_pfn, 3);
    assert_int_equal(get_ro(g, 11, &grant), VSW_GRANT_ABORT);
    assert_int_equal(get_ro(g, 9, &grant), VSW_GRANT_REUSE);
}

static void
only_an_unused_grant_can_be_forgotten(void **state)
{
    struct vsw_grants *g = new_grants(4, 4);
    struct vsw_grant grant;

    (void) state;
    get_ro(g, 0, &grant);
    assert_false(vsw_grants_forget(g, grant.ref, NULL));
    vsw_grants_put(g, grant.ref, NULL);
    assert_true(vsw_grants_forget(g, grant.ref, NULL));
    assert_false(vsw_grants_forget(g, grant.ref, NULL));
    assert_int_equal(vsw_grants_n_granted(g, VSW_GRANT_READ_ONLY), 0);
    assert_int_equal(get_ro(g, 0, &grant), VSW_GRANT_ISSUE);
}

static void
a_lookup_reads_one_line_of_slots(void **state)
{
    struct vsw_grants *g = new_grants(64, 8);
    struct vsw_memobs obs = { .n_lines = { 0 } };
    struct vsw_grant grant;

    (void) state;
    get_ro(g, 123, &grant);
    vsw_grants_get(g, 123, VSW_GRANT_READ_ONLY, &grant, &obs);
    assert_int_equal(obs.n_lines[VSW_MEM_READ], 2);
    assert_int_equal(obs.n_lines[VSW_MEM_WRITE], 1);
}

static void
senseless_sizes_and_small_arenas_are_refused(void **state)
{
    (void) state;
    assert_null(new_grants(0, 1));
    assert_null(new_grants(8, 0));
    assert_null(new_grants(12, 4));
    assert_null(new_grants(16, 3));
    assert_null(new_grants(4, 8));
    assert_null(new_grants(1u << 30, 8));
    assert_null(new_grants(UINT32_MAX, 1));
    assert_non_null(new_grants(1, 1));
}

/* The reference keeps every slot in full; one set, so that it need not know
 * the hash. */
#define N_SLOTS 16
#define N_PFNS  40

struct reference {
    bool granted[2 * N_SLOTS];
    uint32_t pfn[2 * N_SLOTS];
    uint32_t n_uses[2 * N_SLOTS];
};

static void
get_both(struct vsw_grants *g, struct reference *r, uint32_t pfn, int half)
{
    uint32_t first = half ? N_SLOTS : 0, end = first + N_SLOTS;
    uint32_t hit = end, vacant = end, inactive = end;
    struct vsw_grant grant = { 0, 0 };
    enum vsw_grant_outcome outcome;

    for (uint32_t i = end; i-- > first;) {
        if (r->granted[i] && r->pfn[i] == pfn) {
            hit = i;
        } else if (!r->granted[i]) {
            vacant = i;
        } else if (r->n_uses[i] == 0) {
            inactive = i;
        }
    }
    outcome = vsw_grants_get(g, pfn, (enum vsw_grant_half) half, &grant,
                             NULL);
    if (hit < end) {
        assert_int_equal(outcome, VSW_GRANT_REUSE);
        assert_int_equal(grant.ref, hit);
    } else if (vacant < end) {
        assert_int_equal(outcome, VSW_GRANT_ISSUE);
        assert_int_equal(grant.ref, vacant);
    } else if (inactive < end) {
        assert_int_equal(outcome, VSW_GRANT_REPLACE);
        assert_int_equal(grant.ref, inactive);
        assert_int_equal(grant.revoked_pfn, r->pfn[inactive]);
    } else {
        assert_int_equal(outcome, VSW_GRANT_ABORT);
        return;
    }
    r->granted[grant.ref] = true;
    r->pfn[grant.ref] = pfn;
    r->n_uses[grant.ref]++;
}

static void
random_uses_of_one_set_equal_a_plain_reference(void **state)
{
    struct vsw_grants *g = new_grants(N_SLOTS, N_SLOTS);
    struct reference r = { .granted = { false } };
    uint64_t rng = rng_seed(19);

    (void) state;
    for (int i = 0; i < 200000; i++) {
        uint32_t ref = rng_below(&rng, 2 * N_SLOTS);

        switch (rng_below(&rng, 16)) {
        case 0:
            assert_int_equal(vsw_grants_forget(g, ref, NULL),
                             r.granted[ref] && r.n_uses[ref] == 0);
            r.granted[ref] &= r.n_uses[ref] > 0;
            break;
        case 1: case 2: case 3: case 4: case 5:
            get_both(g, &r, rng_below(&rng, N_PFNS),
                     (int) rng_below(&rng, 2));
            break;
        default:
            if (r.n_uses[ref] > 0) {
                vsw_grants_put(g, ref, NULL);
                r.n_uses[ref]--;
            }
        }
    }
}

/* With several sets: a reference names the page it was given for, as long as
 * it is held, and no page has two. */
static void
with_many_sets_a_held_reference_is_its_pages_alone(void **state)
{
    struct vsw_grants *g = new_grants(64, 4);
    uint32_t held_pfn[64] = { 0 }, n_held[64] = { 0 };
    uint64_t rng = rng_seed(23);
    int n_aborts = 0;

    (void) state;
    for (int i = 0; i < 200000; i++) {
        uint32_t pfn = 1 + rng_below(&rng, 300);
        uint32_t ref = rng_below(&rng, 64);
        struct vsw_grant grant;

        if (rng_below(&rng, 3) > 0) {
            if (n_held[ref] > 0) {
                vsw_grants_put(g, ref, NULL);
                n_held[ref]--;
            }
        } else if (get_ro(g, pfn, &grant) == VSW_GRANT_ABORT) {
            n_aborts++;
        } else {
            assert_true(n_held[grant.ref] == 0
                        || held_pfn[grant.ref] == pfn);
            for (uint32_t k = 0; k < 64; k++) {
                assert_true(k == grant.ref || n_held[k] == 0
                            || held_pfn[k] != pfn);
            }
            held_pfn[grant.ref] = pfn;
            n_held[grant.ref]++;
        }
    }
    assert_true(n_aborts > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_stays_granted_after_its_last_use),
        cmocka_unit_test(the_halves_are_apart),
        cmocka_unit_test(a_full_set_loses_its_first_inactive_page),
        cmocka_unit_test(only_an_unused_grant_can_be_forgotten),
        cmocka_unit_test(a_lookup_reads_one_line_of_slots),
        cmocka_unit_test(senseless_sizes_and_small_arenas_are_refused),
        cmocka_unit_test(random_uses_of_one_set_equal_a_plain_reference),
        cmocka_unit_test(with_many_sets_a_held_reference_is_its_pages_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
