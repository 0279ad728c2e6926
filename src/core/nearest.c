#include <vswsim/nearest.h>

#include <limits.h>
#include <string.h>

#define MAX_LEN 63

static unsigned int
min3(unsigned int a, unsigned int b, unsigned int c)
{
    unsigned int ab = a < b ? a : b;

    return ab < c ? ab : c;
}

unsigned int
vsw_nearest_distance(const char *a, size_t a_len, const char *b)
{
    size_t b_len = strlen(b);
    unsigned int row[MAX_LEN + 1];

    if (a_len > MAX_LEN || b_len > MAX_LEN) {
        return UINT_MAX;
    }
    for (unsigned int j = 0; j <= b_len; j++) {
        row[j] = j;
    }
    for (unsigned int i = 1; i <= a_len; i++) {
        unsigned int diagonal = row[0];

        row[0] = i;
        for (unsigned int j = 1; j <= b_len; j++) {
            unsigned int above = row[j];

            row[j] = min3(above + 1, row[j - 1] + 1,
                          diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_len];
}

void
vsw_nearest_init(struct vsw_nearest *nearest, const char *name,
                 size_t name_len)
{
    nearest->name = name;
    nearest->name_len = name_len;
    nearest->best = NULL;
    nearest->distance = UINT_MAX;
}

void
vsw_nearest_offer(struct vsw_nearest *nearest, const char *candidate)
{
    unsigned int distance = vsw_nearest_distance(nearest->name,
                                                 nearest->name_len,
                                                 candidate);

    if (distance < nearest->distance) {
        nearest->distance = distance;
        nearest->best = candidate;
    }
}

const char *
vsw_nearest_get(const struct vsw_nearest *nearest)
{
    /* A name that must change by more than half was not a typing error. */
    size_t limit = nearest->name_len / 2 + 1;

    return nearest->distance <= limit ? nearest->best : NULL;
}
