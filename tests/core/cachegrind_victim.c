/* A small program whose memory accesses are recorded: sorts, follows links,
 * and reads and writes words that cross lines. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N 3000

static uint32_t numbers[N];
static uint32_t links[N];
static unsigned char bytes[64 * 512];

static int
by_value(const void *a, const void *b)
{
    uint32_t x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

int
main(void)
{
    uint32_t x = 1, at = 0;
    uint64_t sum = 0;

    for (uint32_t i = 0; i < N; i++) {
        x = x * 1664525 + 1013904223;
        numbers[i] = x;
        links[i] = (x >> 8) % N;
    }
    qsort(numbers, N, sizeof numbers[0], by_value);
    for (uint32_t i = 0; i < N; i++) {
        at = links[at] + i;
        at = at % N;
        sum += numbers[at];
    }
    for (uint32_t i = 0; i < N; i++) {
        uint64_t word;

        memcpy(&word, bytes + 60 + i * 937 % 500 * 64, sizeof word);
        word += sum;
        memcpy(bytes + 60 + i * 631 % 500 * 64, &word, sizeof word);
    }
    printf("%llu\n", (unsigned long long) (sum + bytes[60]));
    return 0;
}
