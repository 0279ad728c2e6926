/* A folder of files for one test, gone when the test is over. */
#ifndef TEMP_TREE_H
#define TEMP_TREE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vsw_test.h"

#define TEMP_TREE_MAX 64

struct temp_tree {
    char dir[64];
    char *paths[TEMP_TREE_MAX];     /* In the order they were made. */
    int n;
};

static inline const char *
temp_tree_path(struct temp_tree *tree, const char *name)
{
    size_t size = strlen(tree->dir) + strlen(name) + 2;
    char *path = malloc(size);

    assert_non_null(path);
    assert_true(tree->n < TEMP_TREE_MAX);
    snprintf(path, size, "%s/%s", tree->dir, name);
    tree->paths[tree->n++] = path;
    return path;
}

static inline const char *
temp_tree_write(struct temp_tree *tree, const char *name, const char *text)
{
    const char *path = temp_tree_path(tree, name);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fwrite(text, 1, strlen(text), file);
    assert_int_equal(fclose(file), 0);
    return path;
}

static inline void
temp_tree_mkdir(struct temp_tree *tree, const char *name)
{
    assert_int_equal(mkdir(temp_tree_path(tree, name), 0700), 0);
}

static inline int
temp_tree_setup(void **state)
{
    struct temp_tree *tree = calloc(1, sizeof *tree);

    *state = tree;
    strcpy(tree->dir, "/tmp/vswsim-test-XXXXXX");
    return mkdtemp(tree->dir) ? 0 : -1;
}

static inline int
temp_tree_teardown(void **state)
{
    struct temp_tree *tree = *state;

    while (tree->n > 0) {
        remove(tree->paths[--tree->n]);
        free(tree->paths[tree->n]);
    }
    rmdir(tree->dir);
    free(tree);
    return 0;
}

#define tree_test(f)                                                         \
    cmocka_unit_test_setup_teardown(f, temp_tree_setup, temp_tree_teardown)

#endif
