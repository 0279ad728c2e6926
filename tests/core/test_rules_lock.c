/* Execution rule 9: locks between units that run ahead of now. */
#include "vsw_test.h"

#include <string.h>

#include "rig.h"

#define MAX_LOG 16

static struct rig rig;
static struct vsw_lock lock;

/* A worker that takes the lock, holds it, and lets go. */
struct user {
    struct vsw_worker worker;
    uint64_t before_ps;         /* Spent before it asks. */
    uint64_t hold_ps;
    bool try;                   /* Asks once, without waiting. */
    bool was_late;              /* Has spent 'before_ps'. */
    bool failed;
    uint64_t got_ps;
};

static struct user users[4];
static const struct user *order[MAX_LOG];
static uint32_t n_got;

static bool
take(struct user *user, struct vsw_worker *worker)
{
    if (!user->try) {
        return vsw_lock_acquire(&lock, worker);
    }
    user->failed = !vsw_lock_try(&lock, worker);
    return !user->failed;
}

static void
use_lock(void *owner, struct vsw_worker *worker)
{
    struct user *user = owner;
    struct vsw_unit *unit = worker->unit;

    if (!user->was_late) {
        user->was_late = true;
        vsw_unit_spend(unit, VSW_ACCOUNT_DRIVER, user->before_ps);
    }
    if (!take(user, worker)) {
        return;
    }
    user->got_ps = unit->local_ps;
    order[n_got++] = user;
    vsw_unit_spend(unit, VSW_ACCOUNT_COPY, user->hold_ps);
    vsw_lock_release(&lock, worker);
}

static void
set_up(uint32_t n_units)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = 100 * US,
        .check = true,
    };

    n_got = 0;
    memset(&lock, 0, sizeof lock);
    memset(users, 0, sizeof users);
    rig_init(&rig, n_units, &options);
}

static void
add_user(uint32_t i, uint32_t unit, uint64_t at_ps, uint64_t hold_ps)
{
    users[i].hold_ps = hold_ps;
    rig_add_worker(&rig, unit, 1 + i, &users[i].worker, use_lock, &users[i]);
    vsw_worker_wake(&users[i].worker, at_ps);
}

static uint64_t
spun_ps(uint32_t unit)
{
    return rig_busy_ps(&rig.units[unit], VSW_ACCOUNT_LOCK);
}

static void
waiters_get_a_lock_in_order_of_arrival(void **state)
{
    (void) state;
    set_up(4);
    add_user(0, 0, 1000, 5000);
    add_user(1, 1, 1300, 200);
    add_user(2, 2, 1100, 200);
    add_user(3, 3, 1200, 200);
    rig_run(&rig);
    assert_int_equal(n_got, 4);
    assert_ptr_equal(order[1], &users[2]);
    assert_ptr_equal(order[2], &users[3]);
    assert_ptr_equal(order[3], &users[1]);
    rig_fini(&rig);
}

/* The holder's one call runs ahead to the release. */
static void
nobody_gets_a_lock_before_its_release_is_stamped(void **state)
{
    (void) state;
    set_up(3);
    add_user(0, 0, 1000, 500);
    add_user(1, 1, 1100, 300);
    add_user(2, 2, 1200, 100);
    rig_run(&rig);
    assert_int_equal(users[0].got_ps, 1000);
    assert_int_equal(users[1].got_ps, 1500);
    assert_int_equal(users[2].got_ps, 1800);
    rig_fini(&rig);
}

static void
waiting_is_spinning_and_charged_to_the_lock(void **state)
{
    (void) state;
    set_up(3);
    add_user(0, 0, 1000, 500);
    add_user(1, 1, 1100, 300);
    add_user(2, 2, 1200, 100);
    rig_run(&rig);
    assert_int_equal(spun_ps(0), 0);
    assert_int_equal(spun_ps(1), 400);
    assert_int_equal(spun_ps(2), 600);
    assert_int_equal(rig.units[1].idle_ps, 100 * US - 400 - 300);
    rig_fini(&rig);
}

static void
a_lock_that_is_free_costs_no_wait(void **state)
{
    (void) state;
    set_up(2);
    add_user(0, 0, 1000, 500);
    add_user(1, 1, 1500, 500);
    rig_run(&rig);
    assert_int_equal(users[1].got_ps, 1500);
    assert_int_equal(spun_ps(1), 0);
    rig_fini(&rig);
}

static void
a_try_fails_until_the_release_and_not_later(void **state)
{
    static const struct {
        uint64_t at_ps;
        bool fails;
    } cases[] = {{1000, true}, {1499, true}, {1500, false}, {2000, false}};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(cases); i++) {
        set_up(2);
        add_user(0, 0, 1000, 500);
        add_user(1, 1, cases[i].at_ps, 100);
        users[1].try = true;
        rig_run(&rig);
        assert_int_equal(users[1].failed, cases[i].fails);
        assert_int_equal(spun_ps(1), 0);
        rig_fini(&rig);
    }
}

static void
a_try_does_not_overtake_who_waits(void **state)
{
    (void) state;
    set_up(3);
    add_user(0, 0, 1000, 500);
    add_user(1, 1, 1100, 700);
    add_user(2, 2, 1600, 100);
    users[2].try = true;
    rig_run(&rig);
    assert_int_equal(users[1].got_ps, 1500);
    assert_true(users[2].failed);
    rig_fini(&rig);
}

/* Asked for in the middle of a call, at local time 1800, the lock goes to who
 * asks at 1500, though that call comes later. */
static void
a_lock_is_acquired_at_sync_only(void **state)
{
    (void) state;
    set_up(2);
    add_user(0, 0, 1000, 100);
    users[0].before_ps = 800;
    add_user(1, 1, 1500, 400);
    rig_run(&rig);
    assert_ptr_equal(order[0], &users[1]);
    assert_int_equal(users[1].got_ps, 1500);
    assert_int_equal(users[0].got_ps, 1900);
    assert_int_equal(spun_ps(0), 100);
    rig_fini(&rig);
}

/* What spins does not yield: a worker of lower priority has to wait, one of
 * higher priority runs in between. */
static void
a_spinning_worker_keeps_its_unit_from_lower_priorities(void **state)
{
    (void) state;
    set_up(2);
    add_user(0, 0, 1000, 900);
    rig_add_worker(&rig, 1, 1, &users[2].worker, use_lock, &users[2]);
    users[2].try = true;
    vsw_worker_wake(&users[2].worker, 1300);
    users[1].hold_ps = 100;
    rig_add_worker(&rig, 1, 5, &users[1].worker, use_lock, &users[1]);
    vsw_worker_wake(&users[1].worker, 1100);
    users[3].try = true;
    rig_add_worker(&rig, 1, 9, &users[3].worker, use_lock, &users[3]);
    vsw_worker_wake(&users[3].worker, 1200);
    rig_run(&rig);
    assert_true(users[2].failed);
    assert_int_equal(users[1].got_ps, 1900);
    assert_int_equal(users[3].got_ps, 2000);
    assert_int_equal(spun_ps(1), 800);
    rig_fini(&rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waiters_get_a_lock_in_order_of_arrival),
        cmocka_unit_test(nobody_gets_a_lock_before_its_release_is_stamped),
        cmocka_unit_test(waiting_is_spinning_and_charged_to_the_lock),
        cmocka_unit_test(a_lock_that_is_free_costs_no_wait),
        cmocka_unit_test(a_try_fails_until_the_release_and_not_later),
        cmocka_unit_test(a_try_does_not_overtake_who_waits),
        cmocka_unit_test(a_lock_is_acquired_at_sync_only),
        cmocka_unit_test(
            a_spinning_worker_keeps_its_unit_from_lower_priorities),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
