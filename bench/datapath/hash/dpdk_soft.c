#include "dpdk_hash.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_thash.h>

/* rte_softrss_be() takes the words of the tuple in host order, and the key
 * as rte_convert_rss_key() leaves it. */
void
dpdk_softrss(const uint8_t *key, const uint8_t *inputs, size_t n_bytes,
             uint32_t *hashes, size_t n)
{
    uint8_t converted[64];

    rte_convert_rss_key((const uint32_t *) key, (uint32_t *) converted, 40);
    for (size_t i = 0; i < n; i++) {
        uint32_t words[9];

        memcpy(words, inputs + i * n_bytes, n_bytes);
        for (size_t w = 0; w < n_bytes / 4; w++) {
            words[w] = rte_be_to_cpu_32(words[w]);
        }
        hashes[i] = rte_softrss_be(words, n_bytes / 4, converted);
    }
}
