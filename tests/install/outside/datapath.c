/* What a real switch would do with the datapath library; C and C++. */
#include <stdio.h>

#include <vswsim/arena.h>
#include <vswsim/mactable.h>

#ifdef __cplusplus
alignas(64) static unsigned char memory[4096];
#else
_Alignas(64) static unsigned char memory[4096];
#endif

int
main(void)
{
    struct vsw_mac mac = {{0x02, 0, 0, 0, 0, 1}};
    struct vsw_arena arena;
    struct vsw_mactable *macs;

    vsw_arena_init(&arena, memory, sizeof memory);
    macs = vsw_mactable_new(&arena, 8, 0);
    if (!macs || vsw_mactable_learn(macs, &mac, 3, 0, NULL)) {
        fputs("cannot learn an address\n", stderr);
        return 1;
    }
    return vsw_mactable_lookup(macs, &mac, 1, NULL) != 3;
}
