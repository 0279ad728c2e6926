#include "core/queue_theory.h"

#include <math.h>

double
mm1_sojourn(double rho)
{
    return 1 / (1 - rho);
}

double
mm1_sojourn_quantile(double rho, double q)
{
    return -log(1 - q) * mm1_sojourn(rho);
}

double
md1_waiting(double rho)
{
    return rho / (2 * (1 - rho));
}

double
mg1_waiting(double rho, double scv)
{
    return rho * (1 + scv) / (2 * (1 - rho));
}

double
polling_waiting(double rho, double scv, int n, double move)
{
    return (rho * (1 + scv) + move * (n + rho)) / (2 * (1 - rho));
}

/* Coefficient b_n of Brun and Garcia. */
static double
md1k_b(double rho, int n)
{
    double sum = 0;

    for (int k = 0; k <= n; k++) {
        sum += pow(-1, k) / tgamma(k + 1) * pow(n - k, k)
               * exp((n - k) * rho) * pow(rho, k);
    }
    return sum;
}

double
md1k_loss(double rho, int capacity)
{
    double b = md1k_b(rho, capacity - 1);

    return 1 - b / (1 + rho * b);
}

/* Mean number in the system, divided by the rate of those let in (Little). */
double
md1k_sojourn(double rho, int capacity)
{
    double scale = 1 + rho * md1k_b(rho, capacity - 1);
    double loss = md1k_loss(rho, capacity);
    double mean = capacity * loss;

    for (int n = 1; n < capacity; n++) {
        mean += n * (md1k_b(rho, n) - md1k_b(rho, n - 1)) / scale;
    }
    return mean / (rho * (1 - loss));
}

/* With the server busy, n customers wait with a probability proportional to
 * r^n, where r solves rho (1 - r) = r (1 - r^b) in (0, 1). */
static double
bulk_root(double rho, int max_batch)
{
    double lo = 0, hi = 1;

    for (int i = 0; i < 200; i++) {
        double r = (lo + hi) / 2;
        double geometric_sum = 0;

        for (int k = 1; k <= max_batch; k++) {
            geometric_sum += pow(r, k);
        }
        if (geometric_sum < rho) {
            lo = r;
        } else {
            hi = r;
        }
    }
    return lo;
}

static double
bulk_busy(double rho, double r)
{
    double idle_over_busy = (1 - r) / rho;

    return 1 / (1 + idle_over_busy);
}

double
bulk_waiting(double rho, int max_batch)
{
    double r = bulk_root(rho, max_batch);
    double mean_waiting = bulk_busy(rho, r) * r / (1 - r);

    return mean_waiting / rho;
}

double
bulk_batch(double rho, int max_batch)
{
    return rho / bulk_busy(rho, bulk_root(rho, max_batch));
}
