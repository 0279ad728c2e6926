#include "io/json/pool.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 16384

struct vsw_pool_block {
    struct vsw_pool_block *older;
    max_align_t mem[];
};

void
vsw_pool_init(struct vsw_pool *pool)
{
    memset(pool, 0, sizeof *pool);
}

void
vsw_pool_fini(struct vsw_pool *pool)
{
    struct vsw_pool_block *block = pool->blocks;

    while (block) {
        struct vsw_pool_block *older = block->older;

        free(block);
        block = older;
    }
    vsw_pool_init(pool);
}

static int
add_block(struct vsw_pool *pool, size_t at_least)
{
    size_t size = at_least > BLOCK_BYTES ? at_least : BLOCK_BYTES;
    struct vsw_pool_block *block = calloc(1, sizeof *block + size);

    if (!block) {
        return -1;
    }
    block->older = pool->blocks;
    pool->blocks = block;
    pool->next = (unsigned char *) block->mem;
    pool->left_bytes = size;
    return 0;
}

void *
vsw_pool_alloc(struct vsw_pool *pool, size_t size_bytes)
{
    size_t align = sizeof(max_align_t);
    void *p;

    if (size_bytes > SIZE_MAX / 2) {
        return NULL;
    }
    size_bytes = (size_bytes + align) / align * align;
    if (size_bytes > pool->left_bytes && add_block(pool, size_bytes)) {
        return NULL;
    }
    p = pool->next;
    pool->next += size_bytes;
    pool->left_bytes -= size_bytes;
    return p;
}

void *
vsw_pool_array(struct vsw_pool *pool, size_t n, size_t elem_bytes)
{
    if (elem_bytes && n > SIZE_MAX / elem_bytes) {
        return NULL;
    }
    return vsw_pool_alloc(pool, n * elem_bytes);
}

char *
vsw_pool_strndup(struct vsw_pool *pool, const char *s, size_t n)
{
    char *copy = vsw_pool_alloc(pool, n + 1);

    if (copy) {
        memcpy(copy, s, n);
    }
    return copy;
}

char *
vsw_pool_strdup(struct vsw_pool *pool, const char *s)
{
    return vsw_pool_strndup(pool, s, strlen(s));
}

char *
vsw_pool_printf(struct vsw_pool *pool, const char *format, ...)
{
    va_list args;
    char *text = NULL;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n >= 0) {
        text = vsw_pool_alloc(pool, (size_t) n + 1);
    }
    if (text) {
        va_start(args, format);
        vsnprintf(text, (size_t) n + 1, format, args);
        va_end(args);
    }
    return text;
}
