/* Kicks, wake-ups and virtual interrupts: who pays what, and that none is
 * lost. */
#include "vsw_test.h"

#include <string.h>

#include <vswsim/cpuidle.h>
#include <vswsim/notify.h>

#include "rig.h"
#include "vsw_random.h"

#define EXIT_PS      (700 * NS)
#define HYPERCALL_PS (300 * NS)
#define SEND_PS      (100 * NS)
#define LATENCY_PS   (800 * NS)
#define GUEST_IRQ_PS (400 * NS)
#define DOMAIN_PS    (2300 * NS)
#define THREAD_PS    (1500 * NS)
#define N_RANDOM     100

enum {
    GUEST_CPU,
    HOST_CPU,
};

static struct rig rig;
static struct vsw_worker guest;
static struct vsw_worker backend;
static struct vsw_wakeup wakeup;
static struct vsw_kick kick;
static struct vsw_flag wanted;
static uint64_t served_ps;
static uint32_t n_served;

static void
set_up_in(uint64_t quantum_ps, bool reverse_ties)
{
    const struct vsw_sim_options options = {
        .quantum_ps = quantum_ps,
        .duration_ps = 1000 * US,
        .check = true,
        .reverse_ties = reverse_ties,
    };

    n_served = 0;
    served_ps = 0;
    rig_init_domains(&rig, 3, 4, &options);
    rig_set_cost(&rig, VSW_COST_VM_EXIT, EXIT_PS);
    rig_set_cost(&rig, VSW_COST_HYPERCALL, HYPERCALL_PS);
    rig_set_cost(&rig, VSW_COST_IPI_SEND, SEND_PS);
    rig_set_cost(&rig, VSW_COST_IPI_LATENCY, LATENCY_PS);
    rig_set_cost(&rig, VSW_COST_GUEST_IRQ, GUEST_IRQ_PS);
    rig_set_cost(&rig, VSW_COST_DOMAIN_SWITCH, DOMAIN_PS);
    rig_set_cost(&rig, VSW_COST_CTXSW_KTHREAD, THREAD_PS);
}

static void
serve(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    served_ps = worker->unit->local_ps;
    n_served++;
}

static void
send_kick(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    vsw_kick(&kick, worker);
}

static void
set_up(enum vsw_entry entry)
{
    set_up_in(US, false);
    rig_add_worker(&rig, GUEST_CPU, 1, &guest, send_kick, NULL);
    rig_add_worker(&rig, HOST_CPU, 1, &backend, serve, NULL);
    guest.domain = 1;
    vsw_wakeup_init(&wakeup, &backend, 0, entry);
    vsw_flag_init(&wanted, true);
    kick = (struct vsw_kick) {
        .entry = entry, .wanted = &wanted, .wakeup = &wakeup,
    };
}

static uint64_t
busy_ps(uint32_t unit, uint32_t account)
{
    return rig_busy_ps(&rig.units[unit], account);
}

static void
expect_near(uint64_t got_ps, uint64_t from_ps)
{
    assert_in_range(got_ps, from_ps + LATENCY_PS - LATENCY_PS / 4,
                    from_ps + LATENCY_PS + LATENCY_PS / 4);
}

static void
a_kick_costs_the_guest_an_exit_and_an_ipi(void **state)
{
    (void) state;
    set_up(VSW_ENTRY_VM_EXIT);
    vsw_worker_wake(&guest, 10 * US);
    rig_run(&rig);
    assert_int_equal(busy_ps(GUEST_CPU, VSW_ACCOUNT_VM_EXIT), EXIT_PS);
    assert_int_equal(busy_ps(GUEST_CPU, VSW_ACCOUNT_IPI), SEND_PS);
    assert_int_equal(n_served, 1);
    expect_near(served_ps, 10 * US + EXIT_PS + SEND_PS);
    rig_fini(&rig);
}

static void
a_paravirtual_kick_costs_a_hypercall(void **state)
{
    (void) state;
    set_up(VSW_ENTRY_HYPERCALL);
    vsw_worker_wake(&guest, 10 * US);
    rig_run(&rig);
    assert_int_equal(busy_ps(GUEST_CPU, VSW_ACCOUNT_HYPERCALL),
                     HYPERCALL_PS);
    assert_int_equal(busy_ps(GUEST_CPU, VSW_ACCOUNT_VM_EXIT), 0);
    rig_fini(&rig);
}

static void
a_suppressed_kick_costs_nothing(void **state)
{
    (void) state;
    set_up(VSW_ENTRY_VM_EXIT);
    vsw_flag_init(&wanted, false);
    vsw_worker_wake(&guest, 10 * US);
    rig_run(&rig);
    assert_int_equal(kick.n_suppressed, 1);
    assert_int_equal(rig.units[GUEST_CPU].idle_ps, 1000 * US);
    assert_int_equal(n_served, 0);
    rig_fini(&rig);
}

static void
a_wakeup_on_the_own_cpu_needs_no_ipi(void **state)
{
    struct vsw_worker neighbour;

    (void) state;
    set_up(VSW_ENTRY_VM_EXIT);
    rig_add_worker(&rig, GUEST_CPU, 1, &neighbour, serve, NULL);
    vsw_wakeup_init(&wakeup, &neighbour, 0, VSW_ENTRY_VM_EXIT);
    vsw_worker_wake(&guest, 10 * US);
    rig_run(&rig);
    assert_int_equal(served_ps, 10 * US + EXIT_PS);
    assert_int_equal(busy_ps(GUEST_CPU, VSW_ACCOUNT_IPI), 0);
    rig_fini(&rig);
}

static const struct vsw_idle_state c1 = {"C1", 5000, 5000};

static void
a_kicked_backend_that_sleeps_leaves_its_idle_state_first(void **state)
{
    const struct vsw_cpuidle_options options = {.fixed_state = 0};
    struct vsw_cpuidle cpuidle;

    (void) state;
    set_up(VSW_ENTRY_VM_EXIT);
    vsw_cpuidle_init(&cpuidle, &rig.units[HOST_CPU], &c1, 1, &options);
    vsw_worker_wake(&guest, 10 * US);
    rig_run(&rig);
    assert_in_range(served_ps - 10 * US - EXIT_PS - SEND_PS,
                    3 * (LATENCY_PS + 5 * US) / 4,
                    5 * (LATENCY_PS + 5 * US) / 4);
    rig_fini(&rig);
}

/* --- Virtual interrupts -------------------------------------------------- */

static struct vsw_virq virq;

static void
upcall(void *aux, struct vsw_worker *worker)
{
    (void) aux;
    served_ps = worker->unit->local_ps;
    n_served++;
}

static void
raise(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    vsw_virq_raise(&virq, worker);
}

static void
compute(void *owner, struct vsw_worker *worker)
{
    uint64_t *left_ps = owner;

    vsw_unit_spend(worker->unit, VSW_ACCOUNT_COPY, 100 * NS);
    *left_ps -= 100 * NS;
    if (*left_ps > 0) {
        vsw_worker_go_on(worker);
    }
}

static void
send_virq(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    vsw_virq_send(&virq, worker->unit);
}

static void
set_up_virq(uint64_t *guest_work_ps)
{
    set_up_in(US, false);
    rig_add_worker(&rig, HOST_CPU, 1, &backend, raise, NULL);
    rig_add_worker(&rig, GUEST_CPU, 9, &guest, compute, guest_work_ps);
    guest.domain = 1;
}

static void
a_running_guest_pays_two_entries_for_a_virtual_interrupt(void **state)
{
    uint64_t guest_work_ps = 20 * US;

    (void) state;
    set_up_virq(&guest_work_ps);
    assert_int_equal(vsw_virq_init(&virq, &rig.units[GUEST_CPU], NULL, 1, 0,
                                   1, upcall, NULL), 0);
    vsw_worker_wake(&guest, 5 * US);
    vsw_worker_wake(&backend, 10 * US);
    rig_run(&rig);
    assert_int_equal(virq.n_running, 1);
    assert_int_equal(busy_ps(GUEST_CPU, VSW_ACCOUNT_VM_EXIT), 2 * EXIT_PS);
    assert_int_equal(busy_ps(GUEST_CPU, VSW_ACCOUNT_GUEST_IRQ),
                     GUEST_IRQ_PS);
    assert_int_equal(busy_ps(HOST_CPU, VSW_ACCOUNT_IPI), SEND_PS);
    assert_int_equal(n_served, 1);
    rig_fini(&rig);
}

/* The second and third come while the guest's exits for the first go on. */
static void
a_pending_virtual_interrupt_takes_in_those_that_follow(void **state)
{
    uint64_t guest_work_ps = 20 * US;

    (void) state;
    set_up_virq(&guest_work_ps);
    assert_int_equal(vsw_virq_init(&virq, &rig.units[GUEST_CPU], NULL, 1, 0,
                                   1, upcall, NULL), 0);
    vsw_worker_wake(&guest, 5 * US);
    for (uint64_t i = 0; i < 3; i++) {
        vsw_worker_wake(&backend, 10 * US + i * 500 * NS);
    }
    rig_run(&rig);
    assert_int_equal(rig_n_charges(&rig.units[HOST_CPU], VSW_ACCOUNT_IPI), 3);
    assert_true(virq.n_merged > 0);
    assert_int_equal(virq.n_running, 1);
    assert_int_equal(busy_ps(GUEST_CPU, VSW_ACCOUNT_VM_EXIT), 2 * EXIT_PS);
    assert_int_equal(n_served, 1);
    rig_fini(&rig);
}

static void
a_blocked_guest_pays_for_waking_and_no_entries(void **state)
{
    uint64_t guest_work_ps = US;

    (void) state;
    set_up_virq(&guest_work_ps);
    assert_int_equal(vsw_virq_init(&virq, &rig.units[GUEST_CPU], NULL, 1, 0,
                                   1, upcall, NULL), 0);
    vsw_worker_wake(&backend, 10 * US);
    rig_run(&rig);
    assert_int_equal(virq.n_blocked, 1);
    assert_int_equal(busy_ps(GUEST_CPU, VSW_ACCOUNT_VM_EXIT), 0);
    expect_near(served_ps, 10 * US + SEND_PS + GUEST_IRQ_PS);
    rig_fini(&rig);
}

static void
an_unwanted_virtual_interrupt_is_not_sent(void **state)
{
    uint64_t guest_work_ps = US;

    (void) state;
    set_up_virq(&guest_work_ps);
    assert_int_equal(vsw_virq_init(&virq, &rig.units[GUEST_CPU], NULL, 1, 0,
                                   1, upcall, NULL), 0);
    vsw_flag_init(&wanted, false);
    virq.wanted = &wanted;
    vsw_worker_wake(&backend, 10 * US);
    rig_run(&rig);
    assert_int_equal(virq.n_suppressed, 1);
    assert_int_equal(n_served, 0);
    assert_int_equal(rig.units[HOST_CPU].idle_ps, 1000 * US);
    rig_fini(&rig);
}

static uint64_t arrived_ps;

static void
note_arrival(void *aux, struct vsw_unit *unit)
{
    (void) aux;
    arrived_ps = unit->local_ps;
}

/* The hypervisor has work to do upon arrival, so it sends what the guest
 * masks, and the guest does not notice. */
static void
the_hypervisor_may_interrupt_a_guest_that_masks(void **state)
{
    uint64_t guest_work_ps = US;

    (void) state;
    set_up_virq(&guest_work_ps);
    assert_int_equal(vsw_virq_init(&virq, &rig.units[GUEST_CPU], NULL, 1, 0,
                                   1, upcall, NULL), 0);
    vsw_flag_init(&wanted, false);
    virq.wanted = &wanted;
    virq.arrive = note_arrival;
    backend.work = send_virq;
    arrived_ps = 0;
    vsw_worker_wake(&backend, 10 * US);
    rig_run(&rig);
    expect_near(arrived_ps, 10 * US + SEND_PS);
    assert_int_equal(virq.n_suppressed, 1);
    assert_int_equal(n_served, 0);
    rig_fini(&rig);
}

static void
be_busy_and_send(void *owner, struct vsw_worker *worker)
{
    bool *was_busy = owner;

    if (*was_busy) {
        send_virq(NULL, worker);
        return;
    }
    *was_busy = true;
    vsw_unit_spend(worker->unit, VSW_ACCOUNT_POLL, US);
    vsw_worker_go_on(worker);
}

/* On the vCPU's own CPU, whose idle loop is busy: neither IPI nor entries. */
static void
an_idle_loop_that_polls_is_not_the_guest(void **state)
{
    uint64_t guest_work_ps = US;
    struct vsw_worker idle;
    bool was_busy = false;

    (void) state;
    set_up_virq(&guest_work_ps);
    rig_add_worker(&rig, GUEST_CPU, 200, &idle, be_busy_and_send, &was_busy);
    assert_int_equal(vsw_virq_init(&virq, &rig.units[GUEST_CPU], NULL, 1, 0,
                                   1, upcall, NULL), 0);
    virq.arrive = note_arrival;
    vsw_worker_wake(&idle, 10 * US);
    rig_run(&rig);
    assert_int_equal(arrived_ps, 11 * US);
    assert_int_equal(virq.n_blocked, 1);
    assert_int_equal(busy_ps(GUEST_CPU, VSW_ACCOUNT_VM_EXIT), 0);
    assert_int_equal(busy_ps(GUEST_CPU, VSW_ACCOUNT_IPI), 0);
    assert_int_equal(n_served, 1);
    rig_fini(&rig);
}

/* Guest 2 computes on the CPU that guest 1 shares; the interrupt for guest 1
 * makes guest 2 exit once and then wait for its slice. */
static void
an_interrupt_for_a_guest_without_the_cpu_goes_through_the_scheduler(
    void **state)
{
    uint64_t other_work_ps = 50 * US;
    struct vsw_sched sched;
    struct vsw_task tasks[2];

    (void) state;
    set_up_virq(&other_work_ps);
    vsw_sched_init(&sched, &rig.units[GUEST_CPU], 30 * US, 30 * US);
    vsw_sched_add(&sched, &tasks[0], VSW_TASK_VCPU, 1);
    vsw_sched_add(&sched, &tasks[1], VSW_TASK_VCPU, 2);
    assert_int_equal(vsw_virq_init(&virq, &rig.units[GUEST_CPU], &tasks[0], 1,
                                   0, 1, upcall, NULL), 0);
    guest.domain = 2;
    vsw_task_adopt(&tasks[1], &guest);
    vsw_worker_wake(&guest, 5 * US);
    vsw_worker_wake(&backend, 10 * US);
    rig_run(&rig);
    assert_int_equal(virq.n_blocked, 1);
    assert_int_equal(busy_ps(GUEST_CPU, VSW_ACCOUNT_VM_EXIT), EXIT_PS);
    assert_int_equal(busy_ps(GUEST_CPU, VSW_ACCOUNT_CTXSW), 2 * DOMAIN_PS);
    assert_in_range(served_ps, 35 * US + DOMAIN_PS + GUEST_IRQ_PS,
                    35 * US + DOMAIN_PS + GUEST_IRQ_PS + 100 * NS);
    rig_fini(&rig);
}

/* --- No wake-up is lost ------------------------------------------------- */

static struct vsw_ring ring;
static struct vsw_source source;
static struct vsw_doze doze;
static bool looks_again;
static struct rnd r;
static uint32_t n_sent;
static bool kick_due;

/* Publishes one packet after some work, then kicks; a random pause. */
static void
produce(void *owner, struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;

    (void) owner;
    if (kick_due) {
        kick_due = !vsw_kick(&kick, worker);
        if (kick_due) {
            return;
        }
    } else if (n_sent < N_RANDOM
               && vsw_ring_credits(&ring, unit->sync_ps) > 0) {
        vsw_unit_spend(unit, VSW_ACCOUNT_COPY, rnd_below(&r, 900) * NS);
        vsw_ring_fill(&ring, n_sent++, 1);
        vsw_ring_publish(&ring, unit->local_ps);
        kick_due = true;
        vsw_worker_go_on(worker);
        return;
    }
    if (n_sent < N_RANDOM) {
        vsw_worker_wake(worker, unit->local_ps
                                + (1 + rnd_below(&r, 2000)) * NS);
    }
}

static void
consume(void *owner, struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;
    uint32_t slot, n_slots;

    (void) owner;
    if (vsw_ring_visible(&ring, unit->sync_ps) > 0) {
        vsw_doze_awake(&doze, worker);
        vsw_unit_spend(unit, VSW_ACCOUNT_COPY, rnd_below(&r, 1500) * NS);
        vsw_ring_pop(&ring, &slot, &n_slots);
        vsw_ring_free(&ring, unit->local_ps);
        n_served++;
        vsw_worker_go_on(worker);
        return;
    }
    vsw_unit_spend(unit, VSW_ACCOUNT_COPY, rnd_below(&r, 300) * NS);
    vsw_doze_block(&doze, worker);
    if (!looks_again) {
        worker->unfinished = false;
    }
}

/* Plays one random interleaving and returns how many packets were served. */
static uint32_t
play(int round)
{
    set_up_in(round % 3 ? US : 100 * NS, round % 2);
    assert_int_equal(vsw_ring_init(&ring, 16), 0);
    rig_add_worker(&rig, GUEST_CPU, 1, &guest, produce, NULL);
    rig_add_worker(&rig, HOST_CPU, 1, &backend, consume, NULL);
    rig_set_cost(&rig, VSW_COST_VM_EXIT, rnd_below(&r, 500) * NS);
    source = (struct vsw_source) {
        .ring = &ring, .kind = VSW_SOURCE_FILLED, .n_needed = 1,
    };
    vsw_doze_init(&doze, &source, 1);
    vsw_wakeup_init(&wakeup, &backend, 0, VSW_ENTRY_VM_EXIT);
    kick = (struct vsw_kick) {.wanted = &doze.wanted, .wakeup = &wakeup};
    n_sent = 0;
    kick_due = false;
    vsw_worker_wake(&guest, 0);
    vsw_worker_wake(&backend, 0);
    rig_run(&rig);
    assert_int_equal(n_sent, N_RANDOM);
    vsw_ring_fini(&ring);
    rig_fini(&rig);
    return n_served;
}

static void
no_wakeup_is_lost(void **state)
{
    uint64_t n_suppressed = 0;
    uint64_t n_kicks = 0;

    (void) state;
    r = rnd_from_environment("notify", 11);
    looks_again = true;
    for (int round = 0; round < 300; round++) {
        assert_int_equal(play(round), N_RANDOM);
        n_suppressed += kick.n_suppressed;
        n_kicks += kick.n_sent;
    }
    assert_true(n_suppressed > 1000 && n_kicks > 1000);
}

/* The test above can fail: a backend that blocks without a second look does
 * lose wake-ups in these interleavings. */
static void
without_the_second_look_wakeups_are_lost(void **state)
{
    uint32_t n_lost = 0;

    (void) state;
    r = rnd_from_environment("notify", 11);
    looks_again = false;
    for (int round = 0; round < 300; round++) {
        n_lost += N_RANDOM - play(round);
    }
    assert_true(n_lost > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kick_costs_the_guest_an_exit_and_an_ipi),
        cmocka_unit_test(a_paravirtual_kick_costs_a_hypercall),
        cmocka_unit_test(a_suppressed_kick_costs_nothing),
        cmocka_unit_test(a_wakeup_on_the_own_cpu_needs_no_ipi),
        cmocka_unit_test(
            a_kicked_backend_that_sleeps_leaves_its_idle_state_first),
        cmocka_unit_test(
            a_running_guest_pays_two_entries_for_a_virtual_interrupt),
        cmocka_unit_test(
            a_pending_virtual_interrupt_takes_in_those_that_follow),
        cmocka_unit_test(a_blocked_guest_pays_for_waking_and_no_entries),
        cmocka_unit_test(an_unwanted_virtual_interrupt_is_not_sent),
        cmocka_unit_test(the_hypervisor_may_interrupt_a_guest_that_masks),
        cmocka_unit_test(an_idle_loop_that_polls_is_not_the_guest),
        cmocka_unit_test(
         an_interrupt_for_a_guest_without_the_cpu_goes_through_the_scheduler),
        cmocka_unit_test(no_wakeup_is_lost),
        cmocka_unit_test(without_the_second_look_wakeups_are_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
