/* Where and why a text was refused, from readers that must not format. */
#ifndef VSWSIM_PARSE_ERROR_H
#define VSWSIM_PARSE_ERROR_H

#include <stdint.h>

struct vsw_parse_error {
    uint32_t line;          /* From 1. */
    uint32_t column;        /* From 1, in bytes. */
    const char *what;       /* Static text: what is wrong and what to do. */
};

#endif
