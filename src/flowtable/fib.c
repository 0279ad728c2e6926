#include <vswsim/fib.h>

#include <errno.h>
#include <string.h>

#include <vswsim/fivetuple.h>

#define VLAN_MASK UINT16_C(0x0fff)

static int
table_init(struct vsw_fib_table *table, struct vsw_arena *arena,
           uint32_t max_entries)
{
    *table = (struct vsw_fib_table) { .max_entries = max_entries };
    if (max_entries > 0) {
        table->entries = vsw_arena_alloc(
            arena, max_entries * sizeof *table->entries, VSW_LINE_BYTES);
    }
    return table->entries || max_entries == 0 ? 0 : -ENOMEM;
}

int
vsw_fib_init(struct vsw_fib *fib, struct vsw_arena *arena,
             const struct vsw_fib_params *params)
{
    size_t used_bytes = arena->used_bytes;

    fib->lengths = 0;
    if (table_init(&fib->macs, arena, params->max_macs)
        || table_init(&fib->prefixes, arena, params->max_prefixes)) {
        arena->used_bytes = used_bytes;
        return -ENOMEM;
    }
    return 0;
}

/* The place of the first entry whose key is 'key' or higher. */
static uint32_t
lower_bound(const struct vsw_fib_table *table, uint64_t key,
            struct vsw_memobs *obs)
{
    uint32_t low = 0;
    uint32_t high = table->n_entries;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const struct vsw_fib_entry *entry = &table->entries[mid];

        vsw_touch(obs, entry, sizeof *entry, VSW_MEM_READ);
        if (entry->key < key) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static uint32_t
find(const struct vsw_fib_table *table, uint64_t key, struct vsw_memobs *obs)
{
    uint32_t i = lower_bound(table, key, obs);

    if (i == table->n_entries) {
        return VSW_PORT_FLOOD;
    }
    vsw_touch(obs, &table->entries[i], sizeof table->entries[i],
              VSW_MEM_READ);
    return table->entries[i].key == key ? table->entries[i].port
                                        : VSW_PORT_FLOOD;
}

static int
put(struct vsw_fib_table *table, uint64_t key, uint32_t port)
{
    uint32_t i = lower_bound(table, key, NULL);
    struct vsw_fib_entry *entry = table->entries + i;

    if (port == VSW_PORT_FLOOD) {
        return -EINVAL;
    }
    if (i == table->n_entries || entry->key != key) {
        if (table->n_entries == table->max_entries) {
            return -ENOSPC;
        }
        memmove(entry + 1, entry, (table->n_entries - i) * sizeof *entry);
        table->n_entries++;
    }
    entry->key = key;
    entry->port = port;
    return 0;
}

static uint64_t
mac_key(const struct vsw_mac *mac, uint32_t vlan)
{
    return (uint64_t) vlan << 48 | vsw_mac_to_u64(mac);
}

int
vsw_fib_add_mac(struct vsw_fib *fib, const struct vsw_mac *mac, uint32_t vlan,
                uint32_t port)
{
    return vlan > VLAN_MASK ? -EINVAL
                            : put(&fib->macs, mac_key(mac, vlan), port);
}

static uint64_t
prefix_key(uint32_t ip, uint32_t len)
{
    return (uint64_t) len << 32 | (ip & vsw_ipv4_mask(len));
}

int
vsw_fib_add_prefix(struct vsw_fib *fib, uint32_t ip, uint32_t len,
                   uint32_t port)
{
    int error = len > 32 ? -EINVAL
                         : put(&fib->prefixes, prefix_key(ip, len), port);

    if (!error) {
        fib->lengths |= UINT64_C(1) << len;
    }
    return error;
}

static uint32_t
find_prefix(const struct vsw_fib *fib, uint32_t ip, struct vsw_memobs *obs)
{
    uint64_t lengths = fib->lengths;

    while (lengths) {
        unsigned int len = vsw_msb64(lengths);
        uint32_t port = find(&fib->prefixes, prefix_key(ip, len), obs);

        if (port != VSW_PORT_FLOOD) {
            return port;
        }
        lengths ^= UINT64_C(1) << len;
    }
    return VSW_PORT_FLOOD;
}

uint32_t
vsw_fib_lookup(const struct vsw_fib *fib, const struct vsw_flowkey *key,
               struct vsw_memobs *obs)
{
    uint32_t vlan = vsw_be16_get(key->vlan_tci[0]) & VLAN_MASK;
    uint32_t port = find(&fib->macs, mac_key(&key->eth_dst, vlan), obs);

    if (port == VSW_PORT_FLOOD
        && vsw_be16_get(key->eth_type) == VSW_ETH_TYPE_IPV4) {
        port = find_prefix(fib, vsw_ip_addr_to_v4(&key->ip_dst), obs);
    }
    return port;
}
