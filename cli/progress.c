#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Between two updates; more would be flicker. */
#define PERIOD_S 0.1

static double
wall_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

void
cli_progress_init(struct cli_progress *progress)
{
    progress->shown = isatty(STDERR_FILENO);
    progress->start_s = wall_s();
    progress->last_s = 0;
    progress->width = 0;
}

/* "4.2 M"; enough digits to see that something moves. */
static void
format_rate(double value, char *text, size_t size)
{
    static const char *const prefixes[] = {"", "k", "M", "G", "T"};
    int i = 0;

    while (value >= 1000 && i < 4) {
        value /= 1000;
        i++;
    }
    snprintf(text, size, "%.3g %s", value, prefixes[i]);
}

/* "1:07", "2:03:09" */
static void
format_time_left(double seconds, char *text, size_t size)
{
    uint64_t s = (uint64_t) seconds;

    if (s >= 3600) {
        snprintf(text, size, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64,
                 s / 3600, s / 60 % 60, s % 60);
    } else {
        snprintf(text, size, "%" PRIu64 ":%02" PRIu64, s / 60, s % 60);
    }
}

/* Writes over the line and over what the last one had more. */
static void
show(struct cli_progress *progress, const char *text)
{
    int n = fprintf(stderr, "\r%s", text) - 1;

    if (n < progress->width) {
        fprintf(stderr, "%*s", progress->width - n, "");
    }
    progress->width = n;
    fflush(stderr);
}

void
cli_progress_update(const struct vsw_progress *now, void *aux)
{
    struct cli_progress *progress = aux;
    char left[32] = "?";
    char rate[32];
    char text[128];
    double spent_s;
    double now_s;

    if (!progress->shown) {
        return;
    }
    now_s = wall_s();
    if (now_s - progress->last_s < PERIOD_S && now->n_done < now->n_total) {
        return;
    }
    progress->last_s = now_s;
    spent_s = now_s - progress->start_s + 1e-9;
    format_rate((double) now->n_pkts / spent_s, rate, sizeof rate);
    if (now->n_done > 0) {
        format_time_left(spent_s / (double) now->n_done
                         * (double) (now->n_total - now->n_done),
                         left, sizeof left);
    }
    snprintf(text, sizeof text,
             "%" PRIu64 "/%" PRIu64 "  %spackets/s  %.3g s simulated  %s left",
             now->n_done, now->n_total, rate,
             (double) now->simulated_ps / 1e12, left);
    show(progress, text);
}

void
cli_progress_clear(struct cli_progress *progress)
{
    if (progress->width > 0) {
        show(progress, "");
        fputc('\r', stderr);
    }
}
