#include "vsw_test.h"

#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/result/atomic_file.h"

static char dir[64];

static int
set_up(void **state)
{
    (void) state;
    strcpy(dir, "/tmp/vswsim-test-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static char *
in_dir(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static int
n_entries(void)
{
    DIR *d = opendir(dir);
    int n = 0;

    assert_non_null(d);
    while (readdir(d)) {
        n++;
    }
    closedir(d);
    return n - 2;               /* . and .. */
}

static int
tear_down(void **state)
{
    (void) state;
    chmod(dir, 0700);
    unlink(in_dir("a"));
    unlink(in_dir(".a.tmp00"));
    rmdir(in_dir("x/y"));
    rmdir(in_dir("x"));
    return rmdir(dir);
}

static void
holds(const char *path, const char *expected)
{
    char text[64] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, expected);
}

static void
a_file_appears_whole(void **state)
{
    struct stat st;
    mode_t mask = umask(022);

    (void) state;
    assert_int_equal(vsw_atomic_write(dir, "a", "one", 3, NULL), 0);
    umask(mask);
    holds(in_dir("a"), "one");
    assert_int_equal(stat(in_dir("a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_int_equal(n_entries(), 1);
}

static void
a_file_is_replaced(void **state)
{
    (void) state;
    assert_int_equal(vsw_atomic_write(dir, "a", "first", 5, NULL), 0);
    assert_int_equal(vsw_atomic_write(dir, "a", "2nd", 3, NULL), 0);
    holds(in_dir("a"), "2nd");
    assert_int_equal(n_entries(), 1);
}

/* As a run that was killed leaves it. */
static void
a_temporary_file_left_behind_does_no_harm(void **state)
{
    int fd = open(in_dir(".a.tmp00"), O_WRONLY | O_CREAT, 0600);

    (void) state;
    close(fd);
    assert_int_equal(vsw_atomic_write(dir, "a", "one", 3, NULL), 0);
    holds(in_dir("a"), "one");
}

static void
a_full_device_is_an_error(void **state)
{
    struct vsw_error err = {0};
    int fd = open("/dev/full", O_WRONLY);

    (void) state;
    if (fd < 0) {
        skip();
    }
    assert_int_equal(vsw_atomic_write_fd(fd, "out/result.json", "x", 1, &err),
                     -ENOSPC);
    close(fd);
    assert_int_equal(err.kind, VSW_ERROR_IO);
    assert_non_null(strstr(err.text, "out/result.json: cannot write"));
    assert_non_null(strstr(err.text, "free some space"));
}

/* A limit on the file size makes a real write fail halfway. */
static void
a_failed_write_leaves_the_old_file_and_no_other(void **state)
{
    static char large[200000];
    struct vsw_error err = {0};
    struct rlimit was, small;

    (void) state;
    assert_int_equal(vsw_atomic_write(dir, "a", "old", 3, NULL), 0);
    getrlimit(RLIMIT_FSIZE, &was);
    small = was;
    small.rlim_cur = 100000;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    assert_int_equal(vsw_atomic_write(dir, "a", large, sizeof large, &err),
                     -EFBIG);
    setrlimit(RLIMIT_FSIZE, &was);

    assert_int_equal(err.kind, VSW_ERROR_IO);
    holds(in_dir("a"), "old");
    assert_int_equal(n_entries(), 1);
}

static void
directories_are_made_with_parents(void **state)
{
    struct stat st;

    (void) state;
    assert_int_equal(vsw_atomic_mkdir(in_dir("x/y"), NULL), 0);
    assert_int_equal(vsw_atomic_mkdir(in_dir("x/y/"), NULL), 0);
    assert_int_equal(stat(in_dir("x/y"), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
}

static void
a_file_in_the_way_is_an_error(void **state)
{
    struct vsw_error err = {0};

    (void) state;
    vsw_atomic_write(dir, "a", "one", 3, NULL);
    assert_int_equal(vsw_atomic_mkdir(in_dir("a"), &err), -ENOTDIR);
    assert_int_equal(err.kind, VSW_ERROR_CANNOT_CREATE);
    assert_int_equal(vsw_atomic_mkdir(in_dir("a/b"), &err), -ENOTDIR);
    assert_non_null(strstr(err.text, "cannot create the directory"));
}

/* Root may write anywhere, but not even root below /proc. */
static void
a_read_only_place_is_an_error(void **state)
{
    struct vsw_error err = {0};

    (void) state;
    if (geteuid() != 0) {
        chmod(dir, 0500);
        assert_int_equal(vsw_atomic_write(dir, "a", "one", 3, &err),
                         -EACCES);
        assert_int_equal(err.kind, VSW_ERROR_CANNOT_CREATE);
        assert_non_null(strstr(err.text, "choose another directory"));
    }
    assert_true(vsw_atomic_write("/proc/self", "a", "one", 3, &err) < 0);
    assert_int_equal(err.kind, VSW_ERROR_CANNOT_CREATE);
    assert_non_null(strstr(err.text, "/proc/self/a: cannot create"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_appears_whole),
        TEST(a_file_is_replaced),
        TEST(a_temporary_file_left_behind_does_no_harm),
        TEST(a_full_device_is_an_error),
        TEST(a_failed_write_leaves_the_old_file_and_no_other),
        TEST(directories_are_made_with_parents),
        TEST(a_file_in_the_way_is_an_error),
        TEST(a_read_only_place_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
