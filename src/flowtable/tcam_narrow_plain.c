/* For any CPU; on x86-64 and arm64 these are the vectors that all have. */
#define NARROW_VEC_BYTES 16
#define NARROW_NAME      tcam_narrow_plain

#include "flowtable/tcam_narrow.h"
