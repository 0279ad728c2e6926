/* What the files of the embedded switch share. */
#ifndef MECH_ESWITCH_IMPL_H
#define MECH_ESWITCH_IMPL_H

#include <vswsim/eswitch.h>

#define PS_PER_NS UINT64_C(1000)

/* Where its slot is. */
#define ESWITCH_NODE 0

/* Frames that wait for a link in its FIFO; more wait by class in front. */
#define LINK_DEPTH 16

static inline uint64_t
eswitch_later(uint64_t a_ps, uint64_t b_ps)
{
    return a_ps > b_ps ? a_ps : b_ps;
}

static inline struct vsw_pkt *
eswitch_pkt(const struct vsw_eswitch *es, const struct vsw_eswitch_job *job)
{
    return &es->sw->pkts->pkts[job->pkt];
}

static inline uint32_t
eswitch_again_source(const struct vsw_eswitch *es)
{
    return es->setup.n_contexts;
}

static inline uint32_t
eswitch_link_source(const struct vsw_eswitch *es, uint32_t link)
{
    return es->setup.n_contexts + 1 + link;
}

/* Sources that stand for room: in a link's FIFO, at a receiver. */
static inline uint32_t
eswitch_fifo_source(const struct vsw_eswitch *es, uint32_t link)
{
    return eswitch_link_source(es, es->setup.n_links) + link;
}

static inline uint32_t
eswitch_room_source(const struct vsw_eswitch *es, uint32_t context)
{
    return eswitch_fifo_source(es, es->setup.n_links) + context;
}

/* Moves 'n_bytes' of a frame over the bus, and counts them. */
uint64_t eswitch_read(struct vsw_eswitch *es, uint64_t start_ps,
                      uint64_t n_bytes);
uint64_t eswitch_write(struct vsw_eswitch *es, uint64_t start_ps,
                       uint64_t n_bytes);

/* Reads what the NIC does not have of a frame yet. */
void eswitch_read_rest(struct vsw_eswitch *es, struct vsw_eswitch_job *job);

/* --- Jobs --- */

/* Whether there is a place for a packet from memory. */
static inline bool
eswitch_may_take(const struct vsw_eswitch *es)
{
    return es->free_job != VSW_NONE && es->n_tx_jobs < es->max_tx_jobs;
}

struct vsw_eswitch_job *eswitch_new_job(struct vsw_eswitch *es);
void eswitch_free_job(struct vsw_eswitch *es, struct vsw_eswitch_job *job);

/* The packet's data have left where they came from, by 'stamp_ps'. */
void eswitch_leave(struct vsw_eswitch *es, struct vsw_eswitch_job *job,
                   uint64_t stamp_ps);

/* The packet is lost. */
void eswitch_lose(struct vsw_eswitch *es, struct vsw_eswitch_job *job,
                  enum vsw_drop drop);

/* --- Taking, delivering, telling --- */

void eswitch_work(void *owner, struct vsw_worker *worker);

/* Lets the packet of 'job', whose rule is known, wait for its output. */
void eswitch_enqueue(struct vsw_eswitch *es, struct vsw_eswitch_job *job,
                     const struct vsw_rule *rule);

/* Delivers what can be delivered.  False: some of it must be tried again at
 * sync. */
bool eswitch_serve(struct vsw_eswitch *es);

/* Whether the copy engine has no descriptor for 'job', whose output is a
 * context. */
bool eswitch_waits_for_dma(const struct vsw_eswitch *es,
                           const struct vsw_eswitch_job *job);

/* Free descriptors that the receiver of 'job', a context, must have: the
 * lowest class leaves half of the ring to those above it, others less. */
uint32_t eswitch_n_needed(const struct vsw_eswitch *es,
                          const struct vsw_eswitch_job *job);

/* Frees TX slots and starts copies, at the end of a call. */
void eswitch_flush(struct vsw_eswitch *es);

/* Chooses what the unit is woken for. */
void eswitch_choose_sources(struct vsw_eswitch *es);

void eswitch_dma_expired(struct vsw_unit *unit, struct vsw_timer *timer);

void eswitch_init_irq(struct vsw_eswitch_context *c);
void eswitch_note_event(struct vsw_eswitch_context *c);

/* At sync: whether guests wait for the slots that became free. */
void eswitch_tell_freed(struct vsw_eswitch *es);

#endif
