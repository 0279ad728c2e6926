#include "vsw_test.h"

#include <string.h>

#include <vswsim/grant_slab.h>

#include "policy/rng.h"

#define N_REFS 10

static _Alignas(64) unsigned char memory[1024];

static struct vsw_grant_slab *
new_slab(uint32_t n_refs)
{
    struct vsw_arena arena;
    struct vsw_grant_slab *s;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    s = vsw_grant_slab_new(&arena, n_refs);
    assert_true(s || arena.used_bytes == 0);
    return s;
}

static void
a_released_buffer_is_taken_again_without_a_grant(void **state)
{
    struct vsw_grant_slab *s = new_slab(N_REFS);
    uint32_t a, b, c;

    (void) state;
    assert_int_equal(vsw_grant_slab_get(s, &a, NULL), VSW_GRANT_ISSUE);
    assert_int_equal(vsw_grant_slab_get(s, &b, NULL), VSW_GRANT_ISSUE);
    assert_int_not_equal(a, b);
    vsw_grant_slab_put(s, a, NULL);
    vsw_grant_slab_put(s, b, NULL);
    assert_int_equal(vsw_grant_slab_get(s, &c, NULL), VSW_GRANT_REUSE);
    assert_int_equal(c, b);
}

static void
draining_takes_the_longest_unused_and_keeps_what_is_asked(void **state)
{
    struct vsw_grant_slab *s = new_slab(N_REFS);
    uint32_t refs[4], drained[4];

    (void) state;
    for (int i = 0; i < 4; i++) {
        vsw_grant_slab_get(s, &refs[i], NULL);
    }
    for (int i = 0; i < 4; i++) {
        vsw_grant_slab_put(s, refs[i], NULL);
    }
    assert_int_equal(vsw_grant_slab_drain(s, 1, drained, 2, NULL), 2);
    assert_int_equal(drained[0], refs[0]);
    assert_int_equal(drained[1], refs[1]);
    assert_int_equal(vsw_grant_slab_drain(s, 1, drained, 4, NULL), 1);
    assert_int_equal(drained[0], refs[2]);
    assert_int_equal(vsw_grant_slab_drain(s, 1, drained, 4, NULL), 0);
}

static void
with_all_buffers_in_use_it_aborts(void **state)
{
    struct vsw_grant_slab *s = new_slab(2);
    uint32_t ref, first;

    (void) state;
    vsw_grant_slab_get(s, &first, NULL);
    vsw_grant_slab_get(s, &ref, NULL);
    assert_int_equal(vsw_grant_slab_get(s, &ref, NULL), VSW_GRANT_ABORT);
    vsw_grant_slab_put(s, first, NULL);
    assert_int_equal(vsw_grant_slab_get(s, &ref, NULL), VSW_GRANT_REUSE);
}

static void
no_references_and_small_arenas_are_refused(void **state)
{
    (void) state;
    assert_null(new_slab(0));
    assert_null(new_slab(200));
    assert_null(new_slab(UINT32_MAX));
}

/* The reference keeps the unused buffers in a plain list, oldest first. */
struct reference {
    uint32_t unused[N_REFS];
    uint32_t n_unused;
    bool in_use[N_REFS];
    uint32_t n_in_use;
};

static void
get_both(struct vsw_grant_slab *s, struct reference *r)
{
    uint32_t ref = UINT32_MAX;
    enum vsw_grant_outcome outcome = vsw_grant_slab_get(s, &ref, NULL);

    if (r->n_unused > 0) {
        assert_int_equal(outcome, VSW_GRANT_REUSE);
        assert_int_equal(ref, r->unused[--r->n_unused]);
    } else if (r->n_in_use < N_REFS) {
        assert_int_equal(outcome, VSW_GRANT_ISSUE);
        assert_in_range(ref, 0, N_REFS - 1);
        assert_false(r->in_use[ref]);
    } else {
        assert_int_equal(outcome, VSW_GRANT_ABORT);
        return;
    }
    r->in_use[ref] = true;
    r->n_in_use++;
}

static void
drain_both(struct vsw_grant_slab *s, struct reference *r, uint64_t *rng)
{
    uint32_t n_keep = rng_below(rng, N_REFS), max = rng_below(rng, 5);
    uint32_t refs[N_REFS];
    uint32_t n = vsw_grant_slab_drain(s, n_keep, refs, max, NULL);
    uint32_t spare = r->n_unused > n_keep ? r->n_unused - n_keep : 0;

    assert_int_equal(n, spare < max ? spare : max);
    assert_memory_equal(refs, r->unused, n * sizeof refs[0]);
    r->n_unused -= n;
    memmove(r->unused, r->unused + n, r->n_unused * sizeof refs[0]);
}

static void
random_events_equal_a_plain_reference(void **state)
{
    struct vsw_grant_slab *s = new_slab(N_REFS);
    struct reference r = { .n_unused = 0 };
    uint64_t rng = rng_seed(29);

    (void) state;
    for (int i = 0; i < 200000; i++) {
        uint32_t ref = rng_below(&rng, N_REFS);

        switch (rng_below(&rng, 10)) {
        case 0:
            drain_both(s, &r, &rng);
            break;
        case 1: case 2: case 3:
            get_both(s, &r);
            break;
        default:
            if (r.in_use[ref]) {
                vsw_grant_slab_put(s, ref, NULL);
                r.in_use[ref] = false;
                r.n_in_use--;
                r.unused[r.n_unused++] = ref;
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_released_buffer_is_taken_again_without_a_grant),
        cmocka_unit_test(
            draining_takes_the_longest_unused_and_keeps_what_is_asked),
        cmocka_unit_test(with_all_buffers_in_use_it_aborts),
        cmocka_unit_test(no_references_and_small_arenas_are_refused),
        cmocka_unit_test(random_events_equal_a_plain_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
