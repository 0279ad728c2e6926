/* Numbers as they stand in packets: the byte sent first is the highest.
 *
 * They are types of their own, so that a compiler refuses one where a number
 * is meant, and need no alignment. */
#ifndef VSWSIM_BYTEORDER_H
#define VSWSIM_BYTEORDER_H

#include <stdint.h>

struct vsw_be16 {
    uint8_t bytes[2];
};

struct vsw_be32 {
    uint8_t bytes[4];
};

static inline uint16_t
vsw_be16_get(struct vsw_be16 x)
{
    return (uint16_t) (x.bytes[0] << 8 | x.bytes[1]);
}

static inline struct vsw_be16
vsw_be16_make(uint16_t value)
{
    struct vsw_be16 x = {{(uint8_t) (value >> 8), (uint8_t) value}};

    return x;
}

static inline uint32_t
vsw_be32_get(struct vsw_be32 x)
{
    return (uint32_t) x.bytes[0] << 24 | (uint32_t) x.bytes[1] << 16
           | (uint32_t) x.bytes[2] << 8 | x.bytes[3];
}

static inline struct vsw_be32
vsw_be32_make(uint32_t value)
{
    struct vsw_be32 x = {{(uint8_t) (value >> 24), (uint8_t) (value >> 16),
                          (uint8_t) (value >> 8), (uint8_t) value}};

    return x;
}

#endif
