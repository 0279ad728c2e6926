/* Key extraction from hostile bytes: stays inside of them, is a function of
 * them, and gives ports only where a transport header was found. */
#include <stdint.h>
#include <stdlib.h>

#include <vswsim/flowkey.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    struct vsw_flowkey key, again;
    enum vsw_layer layer = vsw_flowkey_extract(&key, data, n_bytes, 1, NULL);

    memset(&again, 0xff, sizeof again);
    vsw_flowkey_extract(&again, data, n_bytes, 1, NULL);
    if (!vsw_flowkey_equal(&key, &again)) {
        abort();
    }
    if (layer != VSW_LAYER_TRANSPORT
        && vsw_be16_get(key.tp_src) + vsw_be16_get(key.tp_dst) != 0) {
        abort();
    }
    return 0;
}
