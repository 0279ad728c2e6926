#include "cli.h"

#include <inttypes.h>
#include <string.h>

#include <vswsim/model.h>
#include <vswsim/nearest.h>

static const struct cli_option options[] = {
    CLI_OPTION_END,
};

static void
list_models(void)
{
    const struct vsw_model_ops *model;

    for (uint32_t i = 0; (model = vsw_model_at(i)); i++) {
        printf("%-16s %s\n", model->name, model->title);
    }
}

/* Units are the ends of names; see the naming rules of the config. */
static const char *
unit_of(const struct vsw_param *param)
{
    static const char *const units[] = {
        "ps", "ns", "us", "cycles", "bytes", "pages", "pkts", "slots", "pps",
        "bps", "hz", NULL,
    };
    const char *end = strrchr(param->name, '_');

    for (int i = 0; end && units[i]; i++) {
        if (!strcmp(end + 1, units[i])) {
            return units[i];
        }
    }
    return "";
}

static void
print_choices(const struct vsw_param *param)
{
    for (uint32_t i = 0; param->choices[i]; i++) {
        printf("%s%s", i ? " | " : "", param->choices[i]);
    }
    printf("; default %s\n", param->choices[param->value]);
}

static void
print_param(const struct vsw_param *param)
{
    const char *unit = unit_of(param);

    printf("\n  %s: ", param->name);
    switch (param->type) {
    case VSW_PARAM_TYPE_BOOL:
        printf("true | false; default %s\n", param->value ? "true" : "false");
        break;
    case VSW_PARAM_TYPE_ENUM:
        print_choices(param);
        break;
    case VSW_PARAM_TYPE_U32:
    case VSW_PARAM_TYPE_U64:
    case VSW_PARAM_TYPE_END:
        printf("%" PRIu64 " to %" PRIu64 "%s%s; default %" PRIu64 "\n",
               param->min, param->max, *unit ? " " : "", unit, param->value);
        break;
    }
    cli_print_wrapped(stdout, param->meaning, 0, 6);
    fputs("      Source: ", stdout);
    cli_print_wrapped(stdout, param->source, 14, 14);
}

static void
print_section(const char *title, const char *text)
{
    if (text) {
        printf("\n%s\n", title);
        cli_print_wrapped(stdout, text, 0, 2);
    }
}

static void
show_model(const struct vsw_model_ops *model)
{
    printf("%s: %s\n", model->name, model->title);
    print_section("Source", model->citation);
    print_section("Modelled", model->modelled);
    print_section("Left out", model->left_out);
    puts("\nParameters (\"params\" of a design)");
    for (const struct vsw_param *p = model->params;
         p && p->type != VSW_PARAM_TYPE_END; p++) {
        print_param(p);
    }
}

static enum cli_exit
complain_unknown(const struct cli_command *command, const char *name)
{
    const struct vsw_model_ops *model;
    struct vsw_nearest nearest;
    const char *best;

    vsw_nearest_init(&nearest, name, strlen(name));
    for (uint32_t i = 0; (model = vsw_model_at(i)); i++) {
        vsw_nearest_offer(&nearest, model->name);
    }
    best = vsw_nearest_get(&nearest);
    if (best) {
        cli_complain(command, "unknown model \"%s\"; did you mean \"%s\"?",
                     name, best);
    } else {
        cli_complain(command, "unknown model \"%s\"; see vswsim models",
                     name);
    }
    return CLI_USAGE;
}

static enum cli_exit
run(const struct cli_command *command, const char *const *operands,
    int n_operands)
{
    const struct vsw_model_ops *model;

    if (n_operands == 0) {
        list_models();
        return CLI_OK;
    }
    model = vsw_model_find(operands[0]);
    if (!model) {
        return complain_unknown(command, operands[0]);
    }
    show_model(model);
    return CLI_OK;
}

const struct cli_command cli_cmd_models = {
    .name = "models",
    .operands = "[NAME]",
    .min_operands = 0,
    .max_operands = 1,
    .summary = "List the architectures, or show one and its parameters",
    .details = "For a model, shows what is modelled and what is not, and each "
        "parameter with its unit, range, default, meaning and source.",
    .example = "vswsim models dpdk_vhost",
    .options = options,
    .run = run,
};
