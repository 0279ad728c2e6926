/* One design against another, replication by replication. */
#ifndef REPORT_PAIRED_H
#define REPORT_PAIRED_H

#include <stdbool.h>

#include <vswsim/result.h>

struct report_paired {
    struct vsw_interval difference; /* Of a metric: first less second. */
    double ratio;               /* First by second; NAN if there is none. */
    double ratio_half_width;    /* Of the difference's interval, by the
                                 * second's value; 0 if it is not known. */
    bool tie;                   /* The difference may be 0. */
};

/* Compares 'a' with 'b'; either may be NULL. */
struct report_paired report_paired(const struct vsw_result_value *a,
                                   const struct vsw_result_value *b);

#endif
