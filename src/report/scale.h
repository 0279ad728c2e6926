/* Units that people read: 8.22 Mpps rather than 8220000 packets/s. */
#ifndef REPORT_SCALE_H
#define REPORT_SCALE_H

struct report_scale {
    double factor;              /* Multiply by this ... */
    const char *unit;           /* ... to get this; "" for a plain ratio. */
};

/* A scale for values of 'unit' (see metric.h) up to 'max'. */
struct report_scale report_scale_for(const char *unit, double max);

/* The last part of an axis key: "frame_bytes" of "traffic.frame_bytes". */
const char *report_short_key(const char *key);

#endif
