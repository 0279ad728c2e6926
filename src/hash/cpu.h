/* What the CPU that runs this can do beyond its base instruction set. */
#ifndef VSW_HASH_CPU_H
#define VSW_HASH_CPU_H

enum vsw_cpu_feature {
    VSW_CPU_AVX2 = 1,       /* AVX2 and PCLMULQDQ. */
    VSW_CPU_VPCLMUL = 2,    /* Also VPCLMULQDQ. */
    VSW_CPU_AVX512 = 4,     /* Also AVX-512 F and BW, and GFNI. */
};

/* Set of vsw_cpu_feature; 0 on other CPUs than x86-64. */
unsigned vsw_cpu_features(void);

#endif
