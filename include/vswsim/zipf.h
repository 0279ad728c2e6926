/* Zipf distribution: popularity of flows or keys, from a table of integers.
 *
 * Rank k of n is drawn with a probability proportional to k^-s.  Ranks start
 * at 0, the most popular one.  An s of 0 is the uniform distribution.
 *
 * A probability is wrong by less than 2^-54, plus 2^-29 of itself.
 *
 * Thread-safety: any number of readers. */
#ifndef VSWSIM_ZIPF_H
#define VSWSIM_ZIPF_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/random.h>

VSW_EXTERN_C_BEGIN

/* Limits: 8 bytes and well under a microsecond of set-up for each rank. */
#define VSW_ZIPF_MAX_RANKS       (UINT32_C(1) << 24)
#define VSW_ZIPF_MAX_SKEW_MILLI  10000

struct vsw_zipf {
    uint32_t n_ranks;
    uint64_t *cumulative;       /* Owned: weights of ranks 0 to i, summed. */
};

/* Makes a distribution of 'n_ranks' with s = 'skew_milli' / 1000.  Returns 0,
 * -EINVAL when 'n_ranks' is 0 or a limit above is exceeded, or -ENOMEM; after
 * a failure vsw_zipf_fini() is allowed and not needed. */
VSW_API int vsw_zipf_init(struct vsw_zipf *zipf, uint32_t n_ranks,
                          uint32_t skew_milli);
VSW_API void vsw_zipf_fini(struct vsw_zipf *zipf);

/* Draws a rank in [0, n_ranks) from 'r'. */
VSW_API uint32_t vsw_zipf_draw(const struct vsw_zipf *zipf,
                               struct vsw_random *r);

VSW_EXTERN_C_END

#endif
