#include <vswsim/reta.h>

#include <assert.h>

struct vsw_reta *
vsw_reta_new(struct vsw_arena *arena, uint32_t n_slots, uint32_t n_queues)
{
    struct vsw_arena before = *arena;
    struct vsw_reta *reta;

    if (n_slots == 0 || (n_slots & (n_slots - 1)) != 0
        || n_slots > VSW_RETA_MAX_SLOTS
        || n_queues == 0 || n_queues > UINT16_MAX + 1u) {
        return NULL;
    }
    reta = vsw_arena_alloc(arena, sizeof *reta, VSW_LINE_BYTES);
    if (!reta) {
        return NULL;
    }
    reta->queues = vsw_arena_alloc(arena, n_slots * sizeof *reta->queues,
                                   VSW_LINE_BYTES);
    if (!reta->queues) {
        *arena = before;
        return NULL;
    }
    reta->mask = n_slots - 1;
    for (uint32_t slot = 0; slot < n_slots; slot++) {
        reta->queues[slot] = (uint16_t) (slot % n_queues);
    }
    return reta;
}

void
vsw_reta_set(struct vsw_reta *reta, uint32_t slot, uint16_t queue,
             struct vsw_memobs *obs)
{
    assert(slot <= reta->mask);
    vsw_touch(obs, reta, sizeof *reta, VSW_MEM_READ);
    vsw_touch(obs, &reta->queues[slot], sizeof reta->queues[slot],
              VSW_MEM_WRITE);
    reta->queues[slot] = queue;
}
