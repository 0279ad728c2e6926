#include <vswsim/stats.h>

/* Mean squared deviation of the 'n' values at 'y' from their mean, by n
 * again: what MSER minimises. */
static double
error_of(const double *y, uint32_t n)
{
    double mean = vsw_stats_mean(y, n), sum = 0;

    for (uint32_t i = 0; i < n; i++) {
        sum += (y[i] - mean) * (y[i] - mean);
    }
    return sum / n / n;
}

/* Means of groups of VSW_MSER_BATCH; what is left over is not used. */
static uint32_t
group(double *y, const double *x, uint32_t n)
{
    uint32_t n_groups = n / VSW_MSER_BATCH;

    if (n_groups > VSW_MSER_MAX_GROUPS) {
        n_groups = VSW_MSER_MAX_GROUPS;
    }
    for (uint32_t i = 0; i < n_groups; i++) {
        y[i] = vsw_stats_mean(x + (size_t) i * VSW_MSER_BATCH,
                              VSW_MSER_BATCH);
    }
    return n_groups;
}

struct vsw_mser
vsw_stats_mser5(const double *x, uint32_t n)
{
    double y[VSW_MSER_MAX_GROUPS];
    uint32_t n_groups = group(y, x, n), best = 0;
    struct vsw_mser mser = {0, false};
    double least = 0;

    for (uint32_t cut = 0; cut <= n_groups / 2 && cut < n_groups; cut++) {
        double error = error_of(y + cut, n_groups - cut);

        if (cut == 0 || error < least) {
            least = error;
            best = cut;
        }
    }
    mser.n_cut = best * VSW_MSER_BATCH;
    mser.settled = n_groups >= 4 && best < n_groups / 2;
    return mser;
}
