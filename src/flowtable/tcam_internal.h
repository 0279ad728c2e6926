/* Layout of the TCAM, shared by the files that make it up and its tests. */
#ifndef VSW_FLOWTABLE_TCAM_INTERNAL_H
#define VSW_FLOWTABLE_TCAM_INTERNAL_H

#include <vswsim/tcam.h>

#include <string.h>

/* A block is the rules whose bits share a line of each vector. */
#define BLOCK_WORDS (VSW_LINE_BYTES / 8)
#define BLOCK_RULES (BLOCK_WORDS * 64)

/* Blocks that one pass over a key's chunks serves, in registers. */
#define SPAN_BLOCKS 2

/* Values of a chunk: four bits of the key. */
#define CHUNK_VALUES 16

/* Words that a lookup goes on with at a time, once few rules are left: to
 * read one costs the same. */
#define QUAD_WORDS 4
#define SPAN_WORDS (SPAN_BLOCKS * BLOCK_WORDS)
#define SPAN_QUADS (SPAN_WORDS / QUAD_WORDS)

/* Chunks for which a lookup reads whole lines, and then quads, between two
 * looks at what is left. */
#define LINE_CHUNKS 6
#define QUAD_CHUNKS 4

struct tcam_rank {
    uint32_t priority;
    uint32_t action;
    uint64_t order;             /* Of insertion, times 2, plus 'negative'. */
};

/* Neighbours in order of use; of a free rule only 'next' counts. */
struct tcam_link {
    uint16_t next;              /* Used longer ago. */
    uint16_t prev;
};

#define LINK_NONE UINT16_MAX

/* How well a chunk tells rules apart. */
struct tcam_chunk {
    uint16_t n_caring;          /* Rules with mask bits in it. */
    uint16_t weight;            /* Highest of 'n_bits'; if inactive, old. */
    uint16_t n_bits[CHUNK_VALUES];      /* Set in each of its vectors. */
} VSW_ALIGNED(VSW_LINE_BYTES);

/* Invariants: bit 'id' of the vector (chunk, v) is set if and only if rule
 * 'id' is in use and v matches its value there, for each active chunk; a
 * chunk is active if and only if some rule's mask has a bit in it. */
struct tcam_burst;

/* Fills burst->final with the rules of the block (or two) from 'block' on that
 * may match the keys of 'burst'. */
typedef void (*tcam_narrow_fn)(const struct vsw_tcam *tcam, uint32_t block,
                               struct tcam_burst *burst,
                               struct vsw_memobs *obs);

struct vsw_tcam {
    tcam_narrow_fn narrow;      /* What this CPU does best. */
    uint64_t *vectors;          /* By chunk, value, block. */
    uint64_t *used;             /* One bit per rule. */
    uint8_t *active;            /* Chunks in use, by rising weight. */
    struct tcam_chunk *chunks;
    struct tcam_rank *ranks;
    struct tcam_link *links;
    unsigned char *patterns;    /* By rule: value, mask. */
    uint32_t key_bytes;
    uint32_t max_rules;
    uint32_t n_blocks;
    uint32_t n_rules;
    uint32_t n_active;
    uint16_t newest;            /* Ends of the order of use. */
    uint16_t oldest;
    uint16_t free;              /* First unused rule. */
    uint64_t n_inserted;
    struct vsw_tcam_stats stats;
};

static inline uint32_t
tcam_n_chunks(const struct vsw_tcam *tcam)
{
    return 2 * tcam->key_bytes;
}

/* Chunk 'i' is the lower half of byte 'i'; the upper halves follow. */
static inline unsigned int
tcam_chunk_of(const struct vsw_tcam *tcam, const unsigned char *bytes,
              uint32_t chunk)
{
    return chunk < tcam->key_bytes ? bytes[chunk] & 15u
                                   : bytes[chunk - tcam->key_bytes] >> 4;
}

/* Where the vector of a value begins, in words. */
static inline size_t
tcam_row(const struct vsw_tcam *tcam, uint32_t chunk, unsigned int value)
{
    return ((size_t) chunk * CHUNK_VALUES + value) * tcam->n_blocks
           * BLOCK_WORDS;
}

static inline uint64_t *
tcam_vector(const struct vsw_tcam *tcam, uint32_t block, uint32_t chunk,
            unsigned int value)
{
    return tcam->vectors + tcam_row(tcam, chunk, value)
           + (size_t) block * BLOCK_WORDS;
}

static inline unsigned char *
tcam_value(const struct vsw_tcam *tcam, uint32_t id)
{
    return tcam->patterns + (size_t) id * 2 * tcam->key_bytes;
}

static inline unsigned char *
tcam_mask(const struct vsw_tcam *tcam, uint32_t id)
{
    return tcam_value(tcam, id) + tcam->key_bytes;
}

/* Rules of one word that may match a key: all that do, and perhaps, if there
 * is but one, one that does not. */
struct tcam_part {
    uint64_t bits;              /* Not 0. */
    uint32_t word;              /* Rules from 64 * word on. */
    uint16_t key;               /* Which of the burst. */
    uint16_t exact;                 /* Not 0: the rules do match. */
};

/* Keys on their way through a lookup together. */
struct tcam_burst {
    uint32_t n_keys;
    uint32_t n_final;
    uint8_t open[VSW_TCAM_MAX_BULK];        /* Keys with rules left... */
    uint64_t words[VSW_TCAM_MAX_BULK][SPAN_WORDS]
        VSW_ALIGNED(VSW_LINE_BYTES);        /* ...after LINE_CHUNKS. */
    uint8_t values[VSW_TCAM_MAX_BULK][2 * VSW_TCAM_MAX_KEY_BYTES];
                                            /* Of the keys' chunks. */
    struct tcam_part final[VSW_TCAM_MAX_BULK * SPAN_WORDS];
};

/* Takes the lowest rule out of 'part', which has one, and returns its id. */
static inline uint32_t
tcam_next_rule(struct tcam_part *part)
{
    uint32_t id = part->word * 64 + vsw_msb64(part->bits & -part->bits);

    part->bits &= part->bits - 1;
    return id;
}

/* Makes 'key' the key number 'i' of 'burst'. */
void tcam_take_key(const struct vsw_tcam *tcam, const unsigned char *key,
                   uint32_t i, struct tcam_burst *burst);

/* The forms of a tcam_narrow_fn; a build may be without the second. */
void tcam_narrow_plain(const struct vsw_tcam *tcam, uint32_t block,
                       struct tcam_burst *burst, struct vsw_memobs *obs);
void tcam_narrow_avx2(const struct vsw_tcam *tcam, uint32_t block,
                      struct tcam_burst *burst, struct vsw_memobs *obs);

/* Makes rule 'id', which is in the order of use, the newest. */
void vsw_tcam_mark_used(struct vsw_tcam *tcam, uint16_t id,
                        struct vsw_memobs *obs);

/* Returns NULL if all invariants hold, else what does not.  For tests. */
const char *vsw_tcam_check(const struct vsw_tcam *tcam);

#endif
