/* The only header that may use compiler extensions (besides SIMD files). */
#ifndef VSWSIM_COMPILER_H
#define VSWSIM_COMPILER_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define VSW_API             __attribute__((visibility("default")))
#define VSW_LIKELY(x)       __builtin_expect(!!(x), 1)
#define VSW_UNLIKELY(x)     __builtin_expect(!!(x), 0)
#define VSW_PREFETCH(p)     __builtin_prefetch((p), 0, 3)
#define VSW_PREFETCH_W(p)   __builtin_prefetch((p), 1, 3)
#define VSW_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define VSW_NODISCARD       __attribute__((warn_unused_result))
#define VSW_ALIGNED(n)      __attribute__((aligned(n)))
#define VSW_ALWAYS_INLINE   __attribute__((always_inline)) inline
#define VSW_TRAP()          __builtin_trap()
#else
#define VSW_API
#define VSW_LIKELY(x)       (x)
#define VSW_UNLIKELY(x)     (x)
#define VSW_PREFETCH(p)     ((void) (p))
#define VSW_PREFETCH_W(p)   ((void) (p))
#define VSW_PRINTF(fmt, first)
#define VSW_NODISCARD
#define VSW_ALIGNED(n)
#define VSW_ALWAYS_INLINE   inline
#define VSW_TRAP()          (*(volatile int *) 0 = 0)
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

/* Place of the highest set bit of 'x', which must not be 0. */
static inline unsigned int
vsw_msb64(uint64_t x)
{
#if defined(__GNUC__) || defined(__clang__)
    return 63u - (unsigned int) __builtin_clzll(x);
#else
    unsigned int msb = 0;

    while (x >>= 1) {
        msb++;
    }
    return msb;
#endif
}

/* High half of the 128-bit product of 'a' and 'b'. */
static inline uint64_t
vsw_mul_hi64(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 u128;

    return (uint64_t) ((u128) a * b >> 64);
#else
    uint64_t a_lo = a & UINT32_MAX, a_hi = a >> 32;
    uint64_t b_lo = b & UINT32_MAX, b_hi = b >> 32;
    uint64_t mid = a_hi * b_lo + (a_lo * b_lo >> 32);
    uint64_t low = a_lo * b_hi + (mid & UINT32_MAX);

    return a_hi * b_hi + (mid >> 32) + (low >> 32);
#endif
}

#endif
