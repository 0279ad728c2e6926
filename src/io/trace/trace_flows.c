#include "io/trace/trace_flows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/trace.h>

#define FIRST_CAPACITY UINT32_C(256)

/* FNV-1a, then the finalizer of splitmix64, because FNV leaves its low bits
 * weak. */
uint64_t
vsw_trace_hash(const void *data, size_t n)
{
    const unsigned char *bytes = data;
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < n; i++) {
        h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
    return h ^ h >> 31;
}

void
vsw_flow_set_key(const struct vsw_frame *frame, struct vsw_flowkey *key)
{
    struct vsw_flowkey mask;
    bool fragment;

    vsw_flowkey_extract(key, frame->header, frame->header_bytes, 0, NULL);
    fragment = key->ip_frag != VSW_FRAG_NONE;
    vsw_flowkey_mask_nine_tuple(&mask);
    vsw_flowkey_project(key, key, &mask);
    if (fragment) {
        memset(&key->tp_src, 0, sizeof key->tp_src);
        memset(&key->tp_dst, 0, sizeof key->tp_dst);
    }
}

static int
resize(void **array, uint32_t n, size_t elem_bytes)
{
    void *grown = realloc(*array, n * elem_bytes);

    if (!grown) {
        return -ENOMEM;
    }
    *array = grown;
    return 0;
}

static uint32_t *
find_slot(const struct vsw_flow_set *set, const struct vsw_flowkey *key)
{
    uint32_t i = (uint32_t) vsw_trace_hash(key, sizeof *key) & set->mask;

    while (set->slots[i]
           && !vsw_flowkey_equal(&set->keys[set->slots[i] - 1], key)) {
        i = (i + 1) & set->mask;
    }
    return &set->slots[i];
}

/* Slots are four times the capacity, so that probes are short. */
static int
rehash(struct vsw_flow_set *set)
{
    uint32_t *slots = calloc((size_t) set->capacity * 4, sizeof *slots);

    if (!slots) {
        return -ENOMEM;
    }
    free(set->slots);
    set->slots = slots;
    set->mask = set->capacity * 4 - 1;
    for (uint32_t i = 0; i < set->n; i++) {
        *find_slot(set, &set->keys[i]) = i + 1;
    }
    return 0;
}

static int
grow(struct vsw_flow_set *set)
{
    uint32_t n = set->capacity ? set->capacity * 2 : FIRST_CAPACITY;
    void *flows = set->flows, *keys = set->keys, *n_bytes = set->n_bytes;
    int code = resize(&flows, n, sizeof *set->flows);

    if (!code) {
        code = resize(&keys, n, sizeof *set->keys);
    }
    if (!code) {
        code = resize(&n_bytes, n, sizeof *set->n_bytes);
    }
    set->flows = flows;
    set->keys = keys;
    set->n_bytes = n_bytes;
    if (!code) {
        set->capacity = n;
        code = rehash(set);
    }
    return code;
}

int
vsw_flow_set_init(struct vsw_flow_set *set)
{
    memset(set, 0, sizeof *set);
    set->limit = VSW_TRACE_MAX_FLOWS;
    return grow(set);
}

void
vsw_flow_set_fini(struct vsw_flow_set *set)
{
    free(set->flows);
    free(set->keys);
    free(set->n_bytes);
    free(set->slots);
    memset(set, 0, sizeof *set);
}

static uint32_t
insert(struct vsw_flow_set *set, const struct vsw_flowkey *key,
       const struct vsw_frame *frame)
{
    struct vsw_workload_flow *flow;

    if (set->n == set->limit
        || (set->n == set->capacity && grow(set))) {
        return VSW_NONE;
    }
    *find_slot(set, key) = set->n + 1;
    set->keys[set->n] = *key;
    set->n_bytes[set->n] = 0;
    flow = &set->flows[set->n];
    memset(flow, 0, sizeof *flow);
    memcpy(flow->header, frame->header, VSW_HEADER_BYTES);
    flow->header_bytes = frame->header_bytes;
    flow->in_port = VSW_NONE;
    flow->out_port = VSW_NONE;
    return set->n++;
}

uint32_t
vsw_flow_set_put(struct vsw_flow_set *set, const struct vsw_flowkey *key,
                 const struct vsw_frame *frame)
{
    uint32_t slot = *find_slot(set, key);

    return slot ? slot - 1 : insert(set, key, frame);
}

uint32_t
vsw_flow_set_add(struct vsw_flow_set *set, const struct vsw_frame *frame)
{
    struct vsw_flowkey key;
    uint32_t id;

    vsw_flow_set_key(frame, &key);
    id = vsw_flow_set_put(set, &key, frame);
    if (id != VSW_NONE) {
        set->flows[id].n_pkts++;
        set->n_bytes[id] += frame->frame_bytes;
    }
    return id;
}
