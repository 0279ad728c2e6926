#include "audit.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_LINES (1 << 17)

/* What happened to a line since audit_begin(). */
enum {
    READ = 1,
    WRITTEN = 2,
    DECLARED_READ = 4,
    DECLARED_WRITTEN = 8,
    EXEMPT = 16,
};

static uint8_t lines[MAX_LINES];
static uintptr_t first_byte;
static size_t n_watched;        /* Lines. */
static size_t n_compared;
static bool recording;

static void
mark(const void *p, size_t n_bytes, unsigned int what)
{
    uintptr_t at = (uintptr_t) p;
    uintptr_t end = first_byte + n_watched * VSW_LINE_BYTES;

    if (at < first_byte || at >= end) {
        return;
    }
    for (size_t i = (at - first_byte) / VSW_LINE_BYTES;
         i < n_watched && first_byte + i * VSW_LINE_BYTES < at + n_bytes;
         i++) {
        lines[i] |= (uint8_t) what;
    }
}

static void
touched(const void *p, size_t n_bytes, unsigned int what)
{
    if (recording) {
        mark(p, n_bytes, what);
    }
}

void
audit_watch(const void *mem, size_t n_bytes)
{
    first_byte = (uintptr_t) mem;
    n_watched = n_bytes / VSW_LINE_BYTES;
    if (n_watched > MAX_LINES) {
        abort();
    }
    for (size_t i = 0; i < n_watched; i++) {
        lines[i] = 0;
    }
}

void
audit_exempt(const void *p, size_t n_bytes)
{
    mark(p, n_bytes, EXEMPT);
}

static void
declare(struct vsw_memobs *obs, const void *p, size_t n_bytes,
        enum vsw_mem_kind kind)
{
    (void) obs;
    mark(p, n_bytes, kind == VSW_MEM_READ ? DECLARED_READ : DECLARED_WRITTEN);
}

struct vsw_memobs *
audit_begin(void)
{
    static struct vsw_memobs obs = { .access = declare };

    recording = true;
    return &obs;
}

static bool
line_is_covered(unsigned int line)
{
    bool declared = line & (DECLARED_READ | DECLARED_WRITTEN);

    return declared && (!(line & WRITTEN) || (line & DECLARED_WRITTEN));
}

static bool
line_is_right(unsigned int line)
{
    bool used = line & (READ | WRITTEN);
    bool declared = line & (DECLARED_READ | DECLARED_WRITTEN);
    bool written = line & WRITTEN;

    return used == declared && written == ((line & DECLARED_WRITTEN) != 0);
}

static void
report(const char *what, size_t i)
{
    printf("%s: line %zu of the arena is%s%s, and declared%s%s%s\n", what, i,
           lines[i] & READ ? " read" : "",
           lines[i] & WRITTEN ? " written" : "",
           lines[i] & DECLARED_READ ? " read" : "",
           lines[i] & DECLARED_WRITTEN ? " written" : "",
           lines[i] & (DECLARED_READ | DECLARED_WRITTEN) ? "" : " not");
}

static bool
end(const char *what, bool (*is_right)(unsigned int line))
{
    bool right = true;

    recording = false;
    for (size_t i = 0; i < n_watched; i++) {
        if (!(lines[i] & EXEMPT) && lines[i]) {
            n_compared++;
            if (right && !is_right(lines[i])) {
                report(what, i);
                right = false;
            }
        }
        lines[i] &= EXEMPT;
    }
    return right;
}

bool
audit_end(const char *what)
{
    return end(what, line_is_right);
}

bool
audit_end_covered(const char *what)
{
    return end(what, line_is_covered);
}

size_t
audit_n_lines(void)
{
    return n_compared;
}

/* What gcc calls for each load and store under -fsanitize=thread. */
#define ACCESS_FUNCTIONS(n)                                                   \
    void __tsan_read##n(const void *p);                                       \
    void __tsan_write##n(const void *p);                                      \
    void __tsan_unaligned_read##n(const void *p);                             \
    void __tsan_unaligned_write##n(const void *p);                            \
    void __tsan_read##n(const void *p) { touched(p, n, READ); }               \
    void __tsan_write##n(const void *p) { touched(p, n, WRITTEN); }           \
    void __tsan_unaligned_read##n(const void *p) { touched(p, n, READ); }     \
    void __tsan_unaligned_write##n(const void *p) { touched(p, n, WRITTEN); }

ACCESS_FUNCTIONS(1)
ACCESS_FUNCTIONS(2)
ACCESS_FUNCTIONS(4)
ACCESS_FUNCTIONS(8)
ACCESS_FUNCTIONS(16)

void __tsan_read_range(const void *p, size_t n_bytes);
void __tsan_write_range(const void *p, size_t n_bytes);
void __tsan_func_entry(void *caller);
void __tsan_func_exit(void);
void __tsan_init(void);

void
__tsan_read_range(const void *p, size_t n_bytes)
{
    touched(p, n_bytes, READ);
}

void
__tsan_write_range(const void *p, size_t n_bytes)
{
    touched(p, n_bytes, WRITTEN);
}

void
__tsan_func_entry(void *caller)
{
    (void) caller;
}

void
__tsan_func_exit(void)
{
}

void
__tsan_init(void)
{
}

void *__real_memcpy(void *dst, const void *src, size_t n_bytes);
void *__wrap_memcpy(void *dst, const void *src, size_t n_bytes);
void *__real_memmove(void *dst, const void *src, size_t n_bytes);
void *__wrap_memmove(void *dst, const void *src, size_t n_bytes);
void *__real_memset(void *dst, int value, size_t n_bytes);
void *__wrap_memset(void *dst, int value, size_t n_bytes);
int __real_memcmp(const void *a, const void *b, size_t n_bytes);
int __wrap_memcmp(const void *a, const void *b, size_t n_bytes);

void *
__wrap_memcpy(void *dst, const void *src, size_t n_bytes)
{
    touched(src, n_bytes, READ);
    touched(dst, n_bytes, WRITTEN);
    return __real_memcpy(dst, src, n_bytes);
}

void *
__wrap_memmove(void *dst, const void *src, size_t n_bytes)
{
    touched(src, n_bytes, READ);
    touched(dst, n_bytes, WRITTEN);
    return __real_memmove(dst, src, n_bytes);
}

void *
__wrap_memset(void *dst, int value, size_t n_bytes)
{
    touched(dst, n_bytes, WRITTEN);
    return __real_memset(dst, value, n_bytes);
}

int
__wrap_memcmp(const void *a, const void *b, size_t n_bytes)
{
    touched(a, n_bytes, READ);
    touched(b, n_bytes, READ);
    return __real_memcmp(a, b, n_bytes);
}
