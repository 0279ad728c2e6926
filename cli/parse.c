#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/nearest.h>

bool cli_help_wanted;

const struct cli_option cli_common_options[] = {
    {'h', "help", CLI_FLAG, NULL, "Show this help.", &cli_help_wanted, 0, 0,
     NULL},
    CLI_OPTION_END,
};

/* One word of the command line and what may follow it. */
struct cursor {
    const struct cli_command *command;
    const char **args;
    int n_args;
    int next;               /* The next word to look at. */
};

static const struct cli_option *
find_long(const struct cli_option *options, const char *name, size_t len)
{
    for (const struct cli_option *o = options; o->name; o++) {
        if (strlen(o->name) == len && !memcmp(o->name, name, len)) {
            return o;
        }
    }
    return NULL;
}

static const struct cli_option *
find_short(const struct cli_option *options, char letter)
{
    for (const struct cli_option *o = options; o->name; o++) {
        if (o->letter == letter) {
            return o;
        }
    }
    return NULL;
}

static const char *
nearest_option(const struct cli_command *command, const char *name,
               size_t len)
{
    struct vsw_nearest nearest;

    vsw_nearest_init(&nearest, name, len);
    for (const struct cli_option *o = command->options; o->name; o++) {
        vsw_nearest_offer(&nearest, o->name);
    }
    for (const struct cli_option *o = cli_common_options; o->name; o++) {
        vsw_nearest_offer(&nearest, o->name);
    }
    return vsw_nearest_get(&nearest);
}

static void
complain_unknown_option(const struct cli_command *command, const char *arg,
                        size_t len)
{
    const char *best = NULL;

    if (!strncmp(arg, "--", 2)) {
        best = nearest_option(command, arg + 2, len - 2);
    }
    if (best) {
        cli_complain(command, "unknown option %.*s; did you mean --%s?",
                     (int) len, arg, best);
    } else {
        cli_complain(command, "unknown option %.*s; see vswsim %s --help",
                     (int) len, arg, command->name);
    }
}

static bool
parse_number(const struct cli_command *command,
             const struct cli_option *option, const char *text,
             uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno
        || *value < option->min || *value > option->max) {
        cli_complain(command,
                     "--%s: expected a number from %llu to %llu, not \"%s\"",
                     option->name, (unsigned long long) option->min,
                     (unsigned long long) option->max, text);
        return false;
    }
    return true;
}

static bool
parse_choice(const struct cli_command *command,
             const struct cli_option *option, const char *text,
             uint32_t *value)
{
    struct vsw_nearest nearest;
    const char *best;

    vsw_nearest_init(&nearest, text, strlen(text));
    for (uint32_t i = 0; option->choices[i]; i++) {
        if (!strcmp(option->choices[i], text)) {
            *value = i;
            return true;
        }
        vsw_nearest_offer(&nearest, option->choices[i]);
    }
    best = vsw_nearest_get(&nearest);
    cli_complain(command, "--%s: unknown value \"%s\"; %s%s%s", option->name,
                 text, best ? "did you mean " : "see ",
                 best ? best : "--help", best ? "?" : "");
    return false;
}

/* Adds 'text' to 'list', which the first time gets room for as many as the
 * command line has words; it lives as long as the process. */
static bool
append(struct cli_list *list, const char *text, int n_args)
{
    if (!list->items) {
        list->items = calloc((size_t) n_args, sizeof *list->items);
    }
    if (!list->items) {
        cli_complain(NULL, "out of memory");
        return false;
    }
    list->items[list->n++] = text;
    return true;
}

/* Stores the value of 'option', 'text', which is NULL for a flag. */
static bool
store(const struct cursor *c, const struct cli_option *option,
      const char *text)
{
    uint64_t number;

    switch (option->kind) {
    case CLI_FLAG:
        *(bool *) option->value = true;
        return true;
    case CLI_TEXT:
        *(const char **) option->value = text;
        return true;
    case CLI_CHOICE:
        return parse_choice(c->command, option, text, option->value);
    case CLI_LIST:
        return append(option->value, text, c->n_args);
    case CLI_U32:
        if (!parse_number(c->command, option, text, &number)) {
            return false;
        }
        *(uint32_t *) option->value = (uint32_t) number;
        return true;
    case CLI_U64:
        return parse_number(c->command, option, text, option->value);
    }
    return false;
}

/* Takes the value of 'option': 'attached' to it, or else the next word. */
static bool
take_value(struct cursor *c, const struct cli_option *option,
           const char *attached)
{
    if (option->kind == CLI_FLAG) {
        if (attached) {
            cli_complain(c->command, "--%s takes no value", option->name);
            return false;
        }
    } else if (!attached) {
        if (c->next == c->n_args) {
            cli_complain(c->command, "--%s needs a value: --%s %s",
                         option->name, option->name, option->value_name);
            return false;
        }
        attached = c->args[c->next++];
    }
    return store(c, option, attached);
}

static bool
parse_long(struct cursor *c, const char *arg)
{
    const char *equals = strchr(arg, '=');
    size_t len = equals ? (size_t) (equals - arg) : strlen(arg);
    const struct cli_option *option;

    option = find_long(c->command->options, arg + 2, len - 2);
    if (!option) {
        option = find_long(cli_common_options, arg + 2, len - 2);
    }
    if (!option) {
        complain_unknown_option(c->command, arg, len);
        return false;
    }
    return take_value(c, option, equals ? equals + 1 : NULL);
}

/* "-o DIR", "-oDIR"; flags cannot be joined, as there are so few. */
static bool
parse_short(struct cursor *c, const char *arg)
{
    const struct cli_option *option;

    option = find_short(c->command->options, arg[1]);
    if (!option) {
        option = find_short(cli_common_options, arg[1]);
    }
    if (!option) {
        complain_unknown_option(c->command, arg, strlen(arg));
        return false;
    }
    return take_value(c, option, arg[2] ? arg + 2 : NULL);
}

static bool
check_operands(const struct cli_command *command, const char **args, int n)
{
    if (n < command->min_operands) {
        cli_complain(command, "missing operand; usage: vswsim %s %s",
                     command->name, command->operands);
        return false;
    }
    if (n > command->max_operands) {
        cli_complain(command, "unexpected operand \"%s\"",
                     args[command->max_operands]);
        return false;
    }
    return true;
}

int
cli_parse(const struct cli_command *command, const char **args, int n_args)
{
    struct cursor c = {command, args, n_args, 0};
    bool only_operands = false;
    int n_operands = 0;

    while (c.next < n_args && !cli_help_wanted) {
        const char *arg = args[c.next++];
        bool good = true;

        if (only_operands || arg[0] != '-' || !arg[1]) {
            args[n_operands++] = arg;
        } else if (!strcmp(arg, "--")) {
            only_operands = true;
        } else if (arg[1] == '-') {
            good = parse_long(&c, arg);
        } else {
            good = parse_short(&c, arg);
        }
        if (!good) {
            return -1;
        }
    }
    if (cli_help_wanted) {
        return n_operands;
    }
    return check_operands(command, args, n_operands) ? n_operands : -1;
}
