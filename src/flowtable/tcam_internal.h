/* Layout of the TCAM, shared by the files that make it up and its tests. */
#ifndef VSW_FLOWTABLE_TCAM_INTERNAL_H
#define VSW_FLOWTABLE_TCAM_INTERNAL_H

#include <vswsim/tcam.h>

#include <string.h>

/* A block is the rules whose bits share a line of each vector. */
#define BLOCK_WORDS (VSW_LINE_BYTES / 8)
#define BLOCK_RULES (BLOCK_WORDS * 64)

/* Values of a chunk: four bits of the key. */
#define CHUNK_VALUES 16

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
struct vsw_tcam {
    uint64_t *vectors;          /* By block, chunk, value. */
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

/* Chunk 2 * i is the lower half of byte i. */
static inline unsigned int
tcam_chunk_of(const unsigned char *bytes, uint32_t chunk)
{
    return (uint32_t) bytes[chunk / 2] >> (chunk % 2 * 4) & 15u;
}

static inline uint64_t *
tcam_vector(const struct vsw_tcam *tcam, uint32_t block, uint32_t chunk,
            unsigned int value)
{
    size_t row = (size_t) block * tcam_n_chunks(tcam) + chunk;

    return tcam->vectors + (row * CHUNK_VALUES + value) * BLOCK_WORDS;
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

/* Rules of one block that may match a key: all that do, and perhaps more. */
struct tcam_candidates {
    uint64_t words[BLOCK_WORDS];
    uint32_t first_id;
    unsigned int nonzero;       /* Bit w: words[w] is not 0. */
};

/* Takes the lowest rule out of 'left', which has one, and returns its id. */
static inline uint32_t
tcam_next_candidate(struct tcam_candidates *left)
{
    unsigned int w = vsw_msb64(left->nonzero & -left->nonzero);
    uint64_t word = left->words[w];
    uint32_t id = left->first_id + w * 64 + vsw_msb64(word & -word);

    left->words[w] = word & (word - 1);
    if (left->words[w] == 0) {
        left->nonzero &= left->nonzero - 1;
    }
    return id;
}

/* Fills 'left' with the rules of 'block' that may match 'key'.  Returns false
 * if there is none. */
bool vsw_tcam_narrow(const struct vsw_tcam *tcam, uint32_t block,
                     const unsigned char *key, struct tcam_candidates *left,
                     struct vsw_memobs *obs);

/* Makes rule 'id', which is in the order of use, the newest. */
void vsw_tcam_mark_used(struct vsw_tcam *tcam, uint16_t id,
                        struct vsw_memobs *obs);

/* Returns NULL if all invariants hold, else what does not.  For tests. */
const char *vsw_tcam_check(const struct vsw_tcam *tcam);

#endif
