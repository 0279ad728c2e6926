/* The only header that may use compiler extensions (besides SIMD files). */
#ifndef VSWSIM_COMPILER_H
#define VSWSIM_COMPILER_H

#include <stddef.h>

#if defined(__GNUC__) || defined(__clang__)
#define VSW_API             __attribute__((visibility("default")))
#define VSW_LIKELY(x)       __builtin_expect(!!(x), 1)
#define VSW_UNLIKELY(x)     __builtin_expect(!!(x), 0)
#define VSW_PREFETCH(p)     __builtin_prefetch((p), 0, 3)
#define VSW_PREFETCH_W(p)   __builtin_prefetch((p), 1, 3)
#define VSW_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define VSW_NODISCARD       __attribute__((warn_unused_result))
#define VSW_ALIGNED(n)      __attribute__((aligned(n)))
#else
#define VSW_API
#define VSW_LIKELY(x)       (x)
#define VSW_UNLIKELY(x)     (x)
#define VSW_PREFETCH(p)     ((void) (p))
#define VSW_PREFETCH_W(p)   ((void) (p))
#define VSW_PRINTF(fmt, first)
#define VSW_NODISCARD
#define VSW_ALIGNED(n)
#endif

#ifdef __cplusplus
#define VSW_EXTERN_C_BEGIN extern "C" {
#define VSW_EXTERN_C_END   }
#else
#define VSW_EXTERN_C_BEGIN
#define VSW_EXTERN_C_END
#endif

/* Bytes of a cache line, on the host and in every simulated machine. */
#define VSW_LINE_BYTES 64

/* Elements of an array (not of a pointer). */
#define VSW_N_ELEMS(a) (sizeof(a) / sizeof((a)[0]))

/* The struct of type 'type' whose member 'member' is at 'ptr'. */
#define VSW_CONTAINER_OF(ptr, type, member)                                  \
    ((type *) (void *) ((char *) (ptr) - offsetof(type, member)))

#endif
