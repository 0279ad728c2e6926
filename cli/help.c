#include "cli.h"

#include <string.h>

#define WIDTH 79
#define OPTION_COLUMN 26

/* Prints one line's worth of 'text' from 'column' on and returns where the
 * rest begins. */
static const char *
print_line(FILE *out, const char *text, int column)
{
    const char *separator = "";

    while (*text && *text != '\n') {
        size_t len = strcspn(text, " \n");

        if (*separator && column + 1 + (int) len > WIDTH) {
            break;
        }
        fprintf(out, "%s%.*s", separator, (int) len, text);
        column += (int) (strlen(separator) + len);
        separator = " ";
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', out);
    return text;
}

void
cli_print_wrapped(FILE *out, const char *text, int column, int indent)
{
    do {
        fprintf(out, "%*s", column < indent ? indent - column : 0, "");
        text = print_line(out, text, indent);
        if (*text == '\n') {
            text++;
            fputc('\n', out);
        }
        column = 0;
    } while (*text);
}

/* "-o, --output DIR"; returns the number of characters. */
static int
print_option_name(FILE *out, const struct cli_option *option)
{
    int n = 0;

    if (option->letter) {
        n += fprintf(out, "-%c, ", option->letter);
    } else {
        n += fprintf(out, "    ");
    }
    n += fprintf(out, "--%s", option->name);
    if (option->value_name) {
        n += fprintf(out, " %s", option->value_name);
    }
    return n;
}

static void
print_options(FILE *out, const struct cli_option *options)
{
    for (const struct cli_option *o = options; o->name; o++) {
        int column = fprintf(out, "  ");

        column += print_option_name(out, o);
        if (column + 2 > OPTION_COLUMN) {
            fputc('\n', out);
            column = 0;
        }
        cli_print_wrapped(out, o->help, column, OPTION_COLUMN);
    }
}

static void
print_usage(FILE *out, const struct cli_command *command)
{
    fprintf(out, "vswsim %s%s%s%s", command->name,
            command->options->name ? " [OPTION]..." : "",
            command->operands[0] ? " " : "", command->operands);
}

void
cli_print_command_help(const struct cli_command *command, FILE *out)
{
    fputs("Usage: ", out);
    print_usage(out, command);
    fprintf(out, "\n\n%s.\n\n", command->summary);
    cli_print_wrapped(out, command->details, 0, 0);
    fputs("\nOptions:\n", out);
    print_options(out, command->options);
    print_options(out, cli_common_options);
    if (command->example) {
        fprintf(out, "\nExample:\n  %s\n", command->example);
    }
}

void
cli_print_help(FILE *out)
{
    fputs("Usage: vswsim COMMAND [OPTION]... [OPERAND]...\n\n"
          "Which virtual-switch architecture should carry this traffic on "
          "this machine,\nwhat does it cost, and where does the cost go?\n\n"
          "Commands:\n", out);
    for (int i = 0; cli_commands[i]; i++) {
        const struct cli_command *c = cli_commands[i];
        int column = fprintf(out, "  %s %s", c->name, c->operands);

        cli_print_wrapped(out, c->summary, column, OPTION_COLUMN);
    }
    fputs("\n  vswsim COMMAND --help   shows more about one of them.\n"
          "  vswsim --version        shows the version.\n\n"
          "Exit status:\n", out);
    for (int i = 0; cli_exit_meanings[i].meaning; i++) {
        fprintf(out, "  %3d  %s\n", (int) cli_exit_meanings[i].status,
                cli_exit_meanings[i].meaning);
    }
}

static void
print_markdown_options(FILE *out, const struct cli_option *options)
{
    for (const struct cli_option *o = options; o->name; o++) {
        fputs("| `", out);
        if (o->letter) {
            fprintf(out, "-%c`, `", o->letter);
        }
        fprintf(out, "--%s", o->name);
        if (o->value_name) {
            fprintf(out, " %s", o->value_name);
        }
        fprintf(out, "` | %s |\n", o->help);
    }
}

static void
print_markdown_command(FILE *out, const struct cli_command *command)
{
    fprintf(out, "\n## vswsim %s\n\n    ", command->name);
    print_usage(out, command);
    fprintf(out, "\n\n%s.\n\n", command->summary);
    cli_print_wrapped(out, command->details, 0, 0);
    fputs("\n| option | meaning |\n|---|---|\n", out);
    print_markdown_options(out, command->options);
    print_markdown_options(out, cli_common_options);
    if (command->example) {
        fprintf(out, "\nExample:\n\n    %s\n", command->example);
    }
}

void
cli_print_markdown(FILE *out)
{
    fputs("# The command line\n\n"
          "Made by `vswsim help --markdown`; a test compares.\n\n"
          "| exit status | meaning |\n|---|---|\n", out);
    for (int i = 0; cli_exit_meanings[i].meaning; i++) {
        fprintf(out, "| %d | %s |\n", (int) cli_exit_meanings[i].status,
                cli_exit_meanings[i].meaning);
    }
    for (int i = 0; cli_commands[i]; i++) {
        print_markdown_command(out, cli_commands[i]);
    }
}
