#include <vswsim/idle_governor.h>

#include <stdbool.h>

/* Longer stays count as this long, so that squares do not overflow. */
#define MAX_GAP_NS UINT64_C(1000000000)

/* Of times that count as alike whatever their mean. */
#define MAX_DEVIATION_NS UINT64_C(20000)

/* Fewer than this many times are no pattern. */
#define MIN_ALIKE 6

void
vsw_idle_governor_init(struct vsw_idle_governor *g,
                       const struct vsw_idle_state *states, uint32_t n_states,
                       uint32_t fixed_state, uint64_t max_exit_latency_ns)
{
    *g = (struct vsw_idle_governor) {
        .states = states,
        .n_states = n_states,
        .fixed_state = fixed_state,
        .max_exit_latency_ns = max_exit_latency_ns,
    };
}

void
vsw_idle_governor_ended(struct vsw_idle_governor *g, uint64_t gap_ns)
{
    g->gaps_ns[g->n_gaps++ % VSW_IDLE_GOVERNOR_N_GAPS]
        = gap_ns < MAX_GAP_NS ? gap_ns : MAX_GAP_NS;
}

/* What is known of the times up to a limit. */
struct summary {
    uint32_t n;
    uint64_t mean_ns;
    uint64_t max_ns;
    uint64_t variance_ns2;
};

static struct summary
summarize(const uint64_t *gaps_ns, uint64_t limit_ns)
{
    struct summary s = {0};
    uint64_t sum = 0;

    for (uint32_t i = 0; i < VSW_IDLE_GOVERNOR_N_GAPS; i++) {
        if (gaps_ns[i] <= limit_ns) {
            sum += gaps_ns[i];
            s.max_ns = gaps_ns[i] > s.max_ns ? gaps_ns[i] : s.max_ns;
            s.n++;
        }
    }
    if (s.n == 0) {
        return s;
    }
    s.mean_ns = sum / s.n;
    sum = 0;
    for (uint32_t i = 0; i < VSW_IDLE_GOVERNOR_N_GAPS; i++) {
        if (gaps_ns[i] <= limit_ns) {
            uint64_t off_ns = gaps_ns[i] > s.mean_ns
                              ? gaps_ns[i] - s.mean_ns
                              : s.mean_ns - gaps_ns[i];

            sum += off_ns * off_ns;
        }
    }
    s.variance_ns2 = sum / s.n;
    return s;
}

static bool
are_alike(const struct summary *s)
{
    return s->variance_ns2 <= MAX_DEVIATION_NS * MAX_DEVIATION_NS
           || s->variance_ns2 <= s->mean_ns * s->mean_ns / 36;
}

uint64_t
vsw_idle_governor_predict_ns(const struct vsw_idle_governor *g)
{
    uint64_t limit_ns = UINT64_MAX;

    if (g->n_gaps < VSW_IDLE_GOVERNOR_N_GAPS) {
        return UINT64_MAX;
    }
    for (;;) {
        struct summary s = summarize(g->gaps_ns, limit_ns);

        if (s.n < MIN_ALIKE) {
            return UINT64_MAX;
        }
        if (are_alike(&s)) {
            return s.mean_ns;
        }
        limit_ns = s.max_ns - 1;
    }
}

uint32_t
vsw_idle_governor_select(const struct vsw_idle_governor *g)
{
    uint64_t predicted_ns;
    uint32_t state = 0;

    if (g->fixed_state < g->n_states) {
        return g->fixed_state;
    }
    predicted_ns = vsw_idle_governor_predict_ns(g);
    for (uint32_t i = 1; i < g->n_states; i++) {
        if (g->states[i].target_residency_ns <= predicted_ns
            && g->states[i].exit_latency_ns <= g->max_exit_latency_ns) {
            state = i;
        }
    }
    return state;
}
