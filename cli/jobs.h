/* How many simulations run side by side. */
#ifndef CLI_JOBS_H
#define CLI_JOBS_H

#include <stdint.h>

/* 'n_wanted', but one for each CPU if that is 0, and never many more. */
uint32_t cli_count_jobs(uint32_t n_wanted);

#endif
