/* Running gnuplot. */
#ifndef REPORT_GNUPLOT_H
#define REPORT_GNUPLOT_H

#include <stddef.h>

#include <vswsim/error.h>

/* Runs gnuplot, without a shell and without its start-up files, on 'script'
 * of 'len' bytes; what it prints goes to '*output' of '*n_bytes', to free.
 * Returns 0, or a negative errno value with 'err' filled. */
int gnuplot_run(const char *script, size_t len, char **output,
                size_t *n_bytes, struct vsw_error *err);

/* The same for another program that reads its standard input; for tests. */
int gnuplot_run_program(const char *program, const char *script, size_t len,
                        char **output, size_t *n_bytes,
                        struct vsw_error *err);

#endif
