/* The command line: what its commands share.
 *
 * A command is a const table: its options, how it is called, what it does.
 * Parsing, --help and docs/cli.md all read these tables and nothing else.
 * main.c lists them. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <vswsim/error.h>

/* Exit statuses, as in sysexits.h; 128 + n for signal n. */
enum cli_exit {
    CLI_OK = 0,
    CLI_MISSES = 1,
    CLI_USAGE = 64,
    CLI_DATA = 65,
    CLI_NO_INPUT = 66,
    CLI_UNAVAILABLE = 69,
    CLI_INTERNAL = 70,
    CLI_CANNOT_CREATE = 73,
    CLI_IO = 74,
    CLI_INTERRUPTED = 130,
    CLI_TERMINATED = 143,
};

struct cli_exit_meaning {
    enum cli_exit status;
    const char *meaning;
};

/* Ends with an element whose 'meaning' is NULL. */
extern const struct cli_exit_meaning cli_exit_meanings[];

enum cli_kind {
    CLI_FLAG,               /* bool */
    CLI_TEXT,               /* const char * */
    CLI_CHOICE,             /* uint32_t: index into 'choices' */
    CLI_LIST,               /* struct cli_list; may be given repeatedly */
    CLI_U32,                /* uint32_t from 'min' to 'max' */
    CLI_U64,                /* uint64_t from 'min' to 'max' */
};

/* An array with room for every argument of the command line. */
struct cli_list {
    const char **items;
    size_t n;
};

struct cli_option {
    char letter;            /* 'o' for -o; 0 if it has none. */
    const char *name;       /* "output" for --output */
    enum cli_kind kind;
    const char *value_name; /* As help shows it: "DIR"; NULL for CLI_FLAG. */
    const char *help;
    void *value;            /* Where it goes; holds the default before. */
    uint64_t min;
    uint64_t max;
    const char *const *choices; /* NULL-terminated. */
};

#define CLI_OPTION_END {0, NULL, CLI_FLAG, NULL, NULL, NULL, 0, 0, NULL}

struct cli_command {
    const char *name;       /* "run", "trace info" */
    const char *operands;   /* As help shows them: "CONFIG". */
    int min_operands;
    int max_operands;
    const char *summary;    /* One line, no full stop. */
    const char *details;    /* Paragraphs separated by "\n". */
    const char *example;
    const struct cli_option *options;   /* Ends with CLI_OPTION_END. */
    enum cli_exit (*run)(const struct cli_command *command,
                         const char *const *operands, int n_operands);
};

/* What every command understands besides its own options. */
extern const struct cli_option cli_common_options[];
extern bool cli_help_wanted;

/* Every command, in the order of the help; NULL-terminated. */
extern const struct cli_command *const cli_commands[];

/* --- Parsing ---------------------------------------------------------- */

/* Parses the 'n_args' words behind the name of 'command' into the variables
 * that its options name.  Operands are moved to the front of 'args'.  Returns
 * their number, or -1 after saying what is wrong. */
int cli_parse(const struct cli_command *command, const char **args,
              int n_args);

/* The command that 'args' begin with, or NULL after saying what is wrong;
 * '*n_words' gets the number of words of its name. */
const struct cli_command *cli_find_command(const char *const *args,
                                           int n_args, int *n_words);

/* True for the first word of a command that has two: "trace". */
bool cli_is_group(const char *word);

/* --- Help ------------------------------------------------------------- */

void cli_print_help(FILE *out);
void cli_print_command_help(const struct cli_command *command, FILE *out);

/* docs/cli.md. */
void cli_print_markdown(FILE *out);

/* Prints 'text' between column 'indent' and column 79; 'column' is where the
 * line stands.  Ends in a newline. */
void cli_print_wrapped(FILE *out, const char *text, int column, int indent);

/* --- Messages --------------------------------------------------------- */

/* True if 'fd' is a terminal and the environment permits colour. */
bool cli_colour_wanted(int fd);

/* Prints "vswsim run: error: text" to standard error. */
void cli_complain(const struct cli_command *command, const char *format, ...)
    VSW_PRINTF(2, 3);

/* The same without "error:", for what is no error. */
void cli_note(const struct cli_command *command, const char *format, ...)
    VSW_PRINTF(2, 3);

/* Prints 'err' and returns the exit status of its kind. */
enum cli_exit cli_fail(const struct cli_command *command,
                       const struct vsw_error *err);

/* Writes out standard output.  Returns false, after a message, if something
 * that was printed is lost; a reader that went away loses nothing. */
bool cli_flush_stdout(void);

/* --- Signals ---------------------------------------------------------- */

/* Nonzero, the number of the signal, once the user asked to stop. */
extern volatile int cli_stop_signal;

/* From now on the first SIGINT or SIGTERM sets cli_stop_signal; the second
 * kills. */
void cli_catch_signals(void);

/* The exit status of a command that was stopped. */
enum cli_exit cli_stop_status(void);

/* The commands. */
extern const struct cli_command cli_cmd_help;
extern const struct cli_command cli_cmd_machine_list;
extern const struct cli_command cli_cmd_machine_show;
extern const struct cli_command cli_cmd_models;
extern const struct cli_command cli_cmd_plot;
extern const struct cli_command cli_cmd_report;
extern const struct cli_command cli_cmd_reproduce;
extern const struct cli_command cli_cmd_run;
extern const struct cli_command cli_cmd_schema;
extern const struct cli_command cli_cmd_trace_gen;
extern const struct cli_command cli_cmd_trace_info;
extern const struct cli_command cli_cmd_validate;

#endif
