/* Time per query. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdint.h>

/* Answers 'n' queries from 'first' on; returns the sum of the answers. */
typedef uint64_t (*measure_fn)(void *aux, uint32_t first, uint32_t n);

/* Picoseconds per query: the least of several short runs, since whatever else
 * the machine does can only add.  Each run takes other queries, if there are
 * enough, so that a table is not warmed by the run before. */
uint64_t measure(measure_fn answer, void *aux);

/* Prints 'ps' as nanoseconds in one column. */
void measure_print(uint64_t ps);

#endif
