/* For CPUs with AVX2, which this file alone is compiled for. */
#ifdef __AVX2__

#define NARROW_VEC_BYTES 32
#define NARROW_NAME      tcam_narrow_avx2

#include "flowtable/tcam_narrow.h"

#else

/* A file must not be empty. */
typedef int tcam_narrow_avx2_is_left_out;

#endif
