/* Pool: memory that is given back all at once.
 *
 * What a loader builds lives exactly as long as the whole, so its parts are
 * taken from a pool and never freed one by one.
 *
 * Thread-safety: none. */
#ifndef IO_POOL_H
#define IO_POOL_H

#include <stddef.h>

#include <vswsim/compiler.h>

struct vsw_pool_block;

struct vsw_pool {
    struct vsw_pool_block *blocks;  /* Newest first. */
    unsigned char *next;            /* Free part of the newest block ... */
    size_t left_bytes;              /* ... and its size. */
};

/* Makes 'pool' empty.  An all-zero pool is empty too. */
void vsw_pool_init(struct vsw_pool *pool);

/* Frees everything taken from 'pool' and leaves it empty. */
void vsw_pool_fini(struct vsw_pool *pool);

/* Returns 'size_bytes' of zeroed memory aligned for any type, or NULL. */
void *vsw_pool_alloc(struct vsw_pool *pool, size_t size_bytes);

/* The same for an array; NULL also if its size overflows. */
void *vsw_pool_array(struct vsw_pool *pool, size_t n, size_t elem_bytes);

/* Copies of strings, or NULL. */
char *vsw_pool_strdup(struct vsw_pool *pool, const char *s);
char *vsw_pool_strndup(struct vsw_pool *pool, const char *s, size_t n);
char *vsw_pool_printf(struct vsw_pool *pool, const char *format, ...)
    VSW_PRINTF(2, 3);

#endif
