#include "hash/cpu.h"

#ifdef VSW_HASH_X86

#include <cpuid.h>

/* CPUID leaf 1, ECX. */
#define PCLMULQDQ   (1u << 1)
#define OSXSAVE     (1u << 27)
#define AVX         (1u << 28)

/* CPUID leaf 7, EBX and ECX. */
#define AVX2        (1u << 5)
#define AVX512F     (1u << 16)
#define AVX512BW    (1u << 30)
#define GFNI        (1u << 8)
#define VPCLMULQDQ  (1u << 10)

/* XCR0: state that the operating system saves. */
#define XCR0_AVX    0x06u
#define XCR0_AVX512 0xe6u

static unsigned
read_xcr0(void)
{
    unsigned low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static int
has_all(unsigned value, unsigned bits)
{
    return (value & bits) == bits;
}

unsigned
vsw_cpu_features(void)
{
    unsigned eax, ebx, ecx, edx;
    unsigned features = 0;
    unsigned xcr0;

    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)
        || !has_all(ecx, PCLMULQDQ | OSXSAVE | AVX)
        || !__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) {
        return 0;
    }
    xcr0 = read_xcr0();
    if (has_all(xcr0, XCR0_AVX) && has_all(ebx, AVX2)) {
        features |= VSW_CPU_AVX2;
        if (has_all(ecx, VPCLMULQDQ)) {
            features |= VSW_CPU_VPCLMUL;
        }
    }
    if (features & VSW_CPU_VPCLMUL && has_all(xcr0, XCR0_AVX512)
        && has_all(ebx, AVX512F | AVX512BW) && has_all(ecx, GFNI)) {
        features |= VSW_CPU_AVX512;
    }
    return features;
}

#else

unsigned
vsw_cpu_features(void)
{
    return 0;
}

#endif
