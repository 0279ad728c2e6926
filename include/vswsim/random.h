/* Random numbers: counter-based streams and variates made of integers.
 *
 * A stream is named, not passed around: by the seed of the experiment, what
 * it is used for, which object uses it, and the replication.  Streams with
 * different names never overlap, and what one object draws never shifts what
 * another sees.  The architecture under test is not part of the name, so
 * all architectures meet the same arrivals (common random numbers).
 *
 * Generator: Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy
 * as 1, 2, 3", SC 2011), from Random123.  The seed is the key; the counter
 * holds the block number (48 bits), purpose, index and replication.
 *
 * Every variate is computed from integers only, so it has the same value on
 * every compiler and machine.  Each one takes one 64-bit draw (the uniform
 * integers in rare cases another) and grows with it: two runs that share
 * a stream also share its large and small values.
 *
 * Thread-safety: none; a stream has one owner. */
#ifndef VSWSIM_RANDOM_H
#define VSWSIM_RANDOM_H

#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

/* What a stream is used for.  Renumbering these changes every result. */
enum vsw_random_purpose {
    VSW_RANDOM_ARRIVAL = 1,         /* Gaps between packets or requests. */
    VSW_RANDOM_SERVICE = 2,         /* Service and think times. */
    VSW_RANDOM_FLOW = 3,            /* Which flow a packet belongs to. */
    VSW_RANDOM_SIZE = 4,            /* Sizes of frames and objects. */
    VSW_RANDOM_START_PHASE = 5,     /* When each guest and poller starts. */
    VSW_RANDOM_PAGE_PLACEMENT = 6,  /* Which physical page a buffer gets. */
    VSW_RANDOM_TRACE_OFFSET = 7,    /* Where in a trace a run starts. */
    VSW_RANDOM_WAKE_LATENCY = 8,    /* From notification to running. */
    VSW_RANDOM_EXIT_LATENCY = 9,    /* Of leaving an idle state. */
    VSW_RANDOM_EMC_INSERT = 10,     /* Which flows a cache admits. */
    VSW_RANDOM_UNCERTAINTY = 11,    /* Costs drawn from their ranges. */
    VSW_RANDOM_PRIVATE = 0x8000,    /* First one for models of users. */
};

/* A stream.  Its members are private. */
struct vsw_random {
    uint64_t seed;
    uint64_t block;         /* Next block to generate, < 2^48. */
    uint32_t index;
    uint32_t replication;
    uint16_t purpose;
    uint16_t n_left;        /* Words of 'words' not yet used. */
    uint32_t words[4];
};

/* Starts the stream that the four numbers name.  'purpose' is one of enum
 * vsw_random_purpose, or from VSW_RANDOM_PRIVATE to 0xffff. */
VSW_API void vsw_random_init(struct vsw_random *r, uint64_t seed,
                             uint16_t purpose, uint32_t index,
                             uint32_t replication);

/* The next 32 or 64 bits.  A stream repeats after 2^50 words of 32 bits. */
VSW_API uint32_t vsw_random_u32(struct vsw_random *r);
VSW_API uint64_t vsw_random_u64(struct vsw_random *r);

/* Uniform in [0, n), each value exactly as likely; 'n' > 0.  Draws again
 * with probability below n / 2^64. */
VSW_API uint64_t vsw_random_below(struct vsw_random *r, uint64_t n);

/* Uniform in [lo, hi], both included; 'lo' <= 'hi'. */
VSW_API uint64_t vsw_random_between(struct vsw_random *r, uint64_t lo,
                                    uint64_t hi);

/* Exponential with the given mean, in the unit of 'mean' and rounded to the
 * nearest integer.  The value before rounding is -ln(U) * mean for a U of 63
 * bits, wrong by less than mean * 2^-54; so it is below 44 means.  Above
 * UINT64_MAX it saturates, which needs a mean above 2^58. */
VSW_API uint64_t vsw_random_exponential(struct vsw_random *r, uint64_t mean);

/* Geometric: how many trials it takes until the first success, at least 1,
 * when each succeeds with probability 'p_q32' / 2^32.  'p_q32' > 0; the mean
 * is 2^32 / 'p_q32'. */
VSW_API uint64_t vsw_random_geometric(struct vsw_random *r, uint32_t p_q32);

VSW_EXTERN_C_END

#endif
