#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vswsim/compiler.h>

/* Far above any figure. */
#define MAX_OUTPUT_BYTES (64u << 20)

/* What is left of gnuplot's complaint in an error. */
#define MAX_COMPLAINT_BYTES 1000

extern char **environ;

/* The three files of a child: none can block it or us, whatever its order of
 * reading and writing, and none can raise SIGPIPE. */
struct channel {
    FILE *in;
    FILE *out;
    FILE *err;
};

static int
cannot_run(struct vsw_error *err, const char *program, int code)
{
    if (code == ENOENT) {
        return vsw_error_set(err, VSW_ERROR_UNAVAILABLE, -code,
                             "the program %s is not installed; figures need "
                             "it (on Debian: apt-get install gnuplot-nox)",
                             program);
    }
    return vsw_error_set(err, VSW_ERROR_UNAVAILABLE, -code,
                         "cannot run %s: %s", program, strerror(code));
}

static void
channel_close(struct channel *ch)
{
    FILE *files[] = {ch->in, ch->out, ch->err};

    for (size_t i = 0; i < VSW_N_ELEMS(files); i++) {
        if (files[i]) {
            fclose(files[i]);
        }
    }
}

static int
channel_open(struct channel *ch, const char *script, size_t len,
             struct vsw_error *err)
{
    ch->in = tmpfile();
    ch->out = tmpfile();
    ch->err = tmpfile();
    if (!ch->in || !ch->out || !ch->err
        || fwrite(script, 1, len, ch->in) != len || fflush(ch->in)
        || lseek(fileno(ch->in), 0, SEEK_SET) < 0) {
        int code = errno;

        channel_close(ch);
        return vsw_error_set(err, VSW_ERROR_IO, -code,
                             "cannot write a temporary file: %s",
                             strerror(code));
    }
    return 0;
}

/* Starts 'program' so that neither start-up files nor the variable that names
 * fonts or terminals changes what it draws. */
static int
start(const char *program, const struct channel *ch, pid_t *pid)
{
    char name[64], option[] = "--default-settings", stdin_name[] = "-";
    char *argv[] = {name, option, stdin_name, NULL};
    posix_spawn_file_actions_t actions;
    int rc;

    snprintf(name, sizeof name, "%s", program);
    rc = posix_spawn_file_actions_init(&actions);
    if (rc) {
        return rc;
    }
    posix_spawn_file_actions_adddup2(&actions, fileno(ch->in), 0);
    posix_spawn_file_actions_adddup2(&actions, fileno(ch->out), 1);
    posix_spawn_file_actions_adddup2(&actions, fileno(ch->err), 2);
    rc = posix_spawnp(pid, program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static int
wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return status;
}

/* All of 'file', with a NUL behind it. */
static int
read_all(FILE *file, char **text, size_t *n_bytes)
{
    off_t size = lseek(fileno(file), 0, SEEK_END);

    *text = NULL;
    if (size < 0 || size > (off_t) MAX_OUTPUT_BYTES
        || lseek(fileno(file), 0, SEEK_SET) < 0) {
        return -EIO;
    }
    *text = malloc((size_t) size + 1);
    if (!*text) {
        return -ENOMEM;
    }
    *n_bytes = fread(*text, 1, (size_t) size, file);
    (*text)[*n_bytes] = '\0';
    return 0;
}

static int
refuse(struct vsw_error *err, const char *program, struct channel *ch)
{
    char *complaint = NULL;
    size_t len = 0;

    read_all(ch->err, &complaint, &len);
    while (len > 0 && complaint[len - 1] == '\n') {
        complaint[--len] = '\0';
    }
    vsw_error_set(err, VSW_ERROR_INTERNAL, -EIO, "%s failed: %.*s", program,
                  MAX_COMPLAINT_BYTES, len > 0 ? complaint : "no message");
    free(complaint);
    return -EIO;
}

int
gnuplot_run_program(const char *program, const char *script, size_t len,
                    char **output, size_t *n_bytes, struct vsw_error *err)
{
    struct channel ch = {NULL, NULL, NULL};
    int rc = channel_open(&ch, script, len, err), status;
    pid_t pid;

    *output = NULL;
    if (rc) {
        return rc;
    }
    rc = start(program, &ch, &pid);
    if (rc) {
        channel_close(&ch);
        return cannot_run(err, program, rc);
    }
    status = wait_for(pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        /* How posix_spawn reports ENOENT where it cannot do so itself. */
        rc = WIFEXITED(status) && WEXITSTATUS(status) == 127
             ? cannot_run(err, program, ENOENT) : refuse(err, program, &ch);
    } else if (read_all(ch.out, output, n_bytes) || *n_bytes == 0) {
        free(*output);
        *output = NULL;
        rc = refuse(err, program, &ch);
    }
    channel_close(&ch);
    return rc;
}

int
gnuplot_run(const char *script, size_t len, char **output, size_t *n_bytes,
            struct vsw_error *err)
{
    return gnuplot_run_program("gnuplot", script, len, output, n_bytes, err);
}
