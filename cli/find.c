#include "cli.h"

#include <string.h>

#include <vswsim/nearest.h>

/* Words of 'name' if 'args' begin with them, or 0. */
static int
match_words(const char *name, const char *const *args, int n_args)
{
    int n = 0;

    while (*name) {
        size_t len = strcspn(name, " ");

        if (n == n_args || strlen(args[n]) != len
            || memcmp(args[n], name, len)) {
            return 0;
        }
        n++;
        name += len + (name[len] == ' ');
    }
    return n;
}

bool
cli_is_group(const char *word)
{
    size_t len = strlen(word);

    for (int i = 0; cli_commands[i]; i++) {
        if (!strncmp(cli_commands[i]->name, word, len)
            && cli_commands[i]->name[len] == ' ') {
            return true;
        }
    }
    return false;
}

/* "trace info, trace gen" */
static void
complain_incomplete(const char *group)
{
    size_t len = strlen(group);
    const char *separator = "";
    char list[256] = "";

    for (int i = 0; cli_commands[i]; i++) {
        const char *name = cli_commands[i]->name;

        if (!strncmp(name, group, len) && name[len] == ' ') {
            size_t used = strlen(list);

            snprintf(list + used, sizeof list - used, "%s%s", separator,
                     name);
            separator = ", ";
        }
    }
    cli_complain(NULL, "\"%s\" needs another word: %s", group, list);
}

/* Offers every command whose name has as many words as 'text'. */
static void
seek(struct vsw_nearest *nearest, const char *text)
{
    bool two_words = strchr(text, ' ') != NULL;

    vsw_nearest_init(nearest, text, strlen(text));
    for (int i = 0; cli_commands[i]; i++) {
        if ((strchr(cli_commands[i]->name, ' ') != NULL) == two_words) {
            vsw_nearest_offer(nearest, cli_commands[i]->name);
        }
    }
}

static void
complain_unknown(const char *const *args, int n_args)
{
    struct vsw_nearest one;
    struct vsw_nearest two;
    const char *best;
    char text[128];

    seek(&one, args[0]);
    snprintf(text, sizeof text, "%s %s", args[0], n_args > 1 ? args[1] : "");
    seek(&two, text);
    best = vsw_nearest_get(two.distance < one.distance ? &two : &one);
    if (best) {
        cli_complain(NULL, "unknown command \"%s\"; did you mean \"%s\"?",
                     strchr(best, ' ') ? text : args[0], best);
    } else {
        cli_complain(NULL, "unknown command \"%s\"; see vswsim --help",
                     args[0]);
    }
}

const struct cli_command *
cli_find_command(const char *const *args, int n_args, int *n_words)
{
    for (int i = 0; cli_commands[i]; i++) {
        *n_words = match_words(cli_commands[i]->name, args, n_args);
        if (*n_words > 0) {
            return cli_commands[i];
        }
    }
    if (cli_is_group(args[0]) && (n_args == 1 || args[1][0] == '-')) {
        complain_incomplete(args[0]);
    } else {
        complain_unknown(args, n_args);
    }
    return NULL;
}
