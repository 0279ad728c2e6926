#include <vswsim/arena.h>

#include <assert.h>

void
vsw_arena_init(struct vsw_arena *arena, void *mem, size_t size_bytes)
{
    assert((uintptr_t) mem % VSW_LINE_BYTES == 0);
    arena->base = mem;
    arena->size_bytes = size_bytes;
    arena->used_bytes = 0;
}

void *
vsw_arena_alloc(struct vsw_arena *arena, size_t size_bytes,
                size_t align_bytes)
{
    size_t mask = align_bytes - 1;
    uintptr_t at = (uintptr_t) arena->base + arena->used_bytes;
    size_t pad = (size_t) (-at & mask);
    size_t left = arena->size_bytes - arena->used_bytes;

    assert(size_bytes > 0 && align_bytes > 0 && (align_bytes & mask) == 0);
    if (pad > left || size_bytes > left - pad) {
        return NULL;
    }
    arena->used_bytes += pad + size_bytes;
    return arena->base + arena->used_bytes - size_bytes;
}

uint64_t
vsw_arena_offset(const struct vsw_arena *arena, const void *p)
{
    assert((const unsigned char *) p >= arena->base
           && (const unsigned char *) p < arena->base + arena->used_bytes);
    return (uint64_t) ((const unsigned char *) p - arena->base);
}
