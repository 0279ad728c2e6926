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

/* Invariants: bit 'id' of the vector (chunk, v) is set if and only if rule
 * 'id' is in use and v matches its value there, for each active chunk; a
 * chunk is active if and only if some rule's mask has a bit in it. */
struct vsw_tcam {
    uint64_t *vectors;          /* By block, chunk, value. */
    uint64_t *used;             /* One bit per rule. */
    uint8_t *active;            /* Chunks in use, 'n_active' of them. */
    uint16_t *n_caring;         /* By chunk: rules with mask bits there. */
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
    return bytes[chunk / 2] >> (chunk % 2 * 4) & 15u;
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

/* Fills 'match' with the rules of 'block' that match 'key'.  Returns false
 * if there is none. */
bool vsw_tcam_match_block(const struct vsw_tcam *tcam, uint32_t block,
                          const unsigned char *key,
                          uint64_t match[BLOCK_WORDS],
                          struct vsw_memobs *obs);

/* Takes the lowest rule out of 'match' and returns its number in the block;
 * returns VSW_TCAM_NONE if none is left. */
uint32_t vsw_tcam_next_match(uint64_t match[BLOCK_WORDS]);

/* Makes rule 'id', which is in the order of use, the newest. */
void vsw_tcam_mark_used(struct vsw_tcam *tcam, uint16_t id,
                        struct vsw_memobs *obs);

/* Returns NULL if all invariants hold, else what does not.  For tests. */
const char *vsw_tcam_check(const struct vsw_tcam *tcam);

#endif
