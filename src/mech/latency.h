/* Latencies that vary: on a real bus an interrupt competes with other
 * traffic, and without that a closed loop of a few units locks into one of
 * several rhythms. */
#ifndef VSWSIM_MECH_LATENCY_H
#define VSWSIM_MECH_LATENCY_H

#include <stdint.h>

#include <vswsim/random.h>

/* 'mean', give or take a quarter, evenly. */
static inline uint64_t
vsw_latency_spread(struct vsw_random *r, uint64_t mean)
{
    return mean - mean / 4 + vsw_random_between(r, 0, mean / 2);
}

#endif
