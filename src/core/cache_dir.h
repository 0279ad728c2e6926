/* Directory of the lines that modules hold: a hash table with linear probing,
 * large enough for all lines that fit in their caches. */
#ifndef VSW_CORE_CACHE_DIR_H
#define VSW_CORE_CACHE_DIR_H

#include "core/cache_impl.h"

/* Multiplicative hashing (Knuth, TAOCP 3, 6.4; 2^64 by the golden ratio) of
 * groups of four lines, whose records share one line of the host: lines are
 * often used in order. */
static inline uint64_t
dir_home(const struct vsw_dir *dir, uint64_t line)
{
    uint64_t group = (line / 4 + 1) * UINT64_C(0x9e3779b97f4a7c15);

    return (group >> dir->shift & ~UINT64_C(3)) | (line & 3);
}

/* The record of 'line', or the free one where it belongs, until one is freed;
 * NULL if there is one module only. */
static inline struct vsw_dir_record *
dir_find(const struct vsw_dir *dir, uint64_t line)
{
    uint64_t i;

    if (!dir->records) {
        return NULL;
    }
    i = dir_home(dir, line);
    while (dir->records[i].line_1 && dir->records[i].line_1 != line + 1) {
        i = (i + 1) & dir->mask;
    }
    return &dir->records[i];
}

/* With one module, it may hold any line. */
static inline uint64_t
dir_modules(const struct vsw_dir_record *record)
{
    if (!record) {
        return 1;
    }
    return record->line_1 ? record->modules : 0;
}

static inline uint64_t
dir_get(const struct vsw_dir *dir, uint64_t line)
{
    return dir_modules(dir_find(dir, line));
}

/* Adds 'modules' to the record of 'line', or leaves these 'alone' there. */
static inline void
dir_give(struct vsw_dir_record *record, uint64_t line, uint64_t modules,
         bool alone)
{
    if (record) {
        record->modules = modules
                          | (alone ? 0 : dir_modules(record));
        record->line_1 = line + 1;
    }
}

/* Frees record 'i' and moves those after it to where probing finds them. */
static inline void
dir_free(const struct vsw_dir *dir, uint64_t i)
{
    uint64_t next = i;

    for (;;) {
        uint64_t home;

        next = (next + 1) & dir->mask;
        if (!dir->records[next].line_1) {
            break;
        }
        home = dir_home(dir, dir->records[next].line_1 - 1);
        if (((next - home) & dir->mask) >= ((next - i) & dir->mask)) {
            dir->records[i] = dir->records[next];
            i = next;
        }
    }
    dir->records[i].line_1 = 0;
}

/* Takes 'modules' from 'record' and frees it when none is left. */
static inline void
dir_take(const struct vsw_dir *dir, struct vsw_dir_record *record,
         uint64_t modules)
{
    if (record && record->line_1) {
        record->modules &= ~modules;
        if (!record->modules) {
            dir_free(dir, (uint64_t) (record - dir->records));
        }
    }
}

static inline void
dir_remove(const struct vsw_dir *dir, uint64_t line, uint64_t modules)
{
    dir_take(dir, dir_find(dir, line), modules);
}

#endif
