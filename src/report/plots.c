#include <vswsim/report.h>

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/result/atomic_file.h"
#include "report/figure.h"
#include "report/gnuplot.h"

/* Both show the same figure: 820 by 480 points. */
static const struct {
    const char *suffix;
    const char *terminal;
} formats[] = {
    {".svg", "set terminal svg size 820,480 dynamic noenhanced "
             "background rgb 'white' font 'sans-serif,13'"},
    {".png", "set terminal pngcairo size 1230,720 noenhanced "
             "background rgb 'white' font 'DejaVu Sans,11' fontscale 1.15 "
             "linewidth 1.3 pointscale 1.4"},
};

static char *
script_text(const struct figure *f, const char *terminal, size_t *len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    bool failed;

    if (!out) {
        return NULL;
    }
    figure_script(f, terminal, out);
    failed = ferror(out) != 0;
    if (fclose(out) || failed) {
        free(text);
        return NULL;
    }
    return text;
}

char *
figure_svg_script(const struct figure *f, size_t *len)
{
    return script_text(f, formats[0].terminal, len);
}

static int
draw(const struct figure *f, size_t format, const char *dir,
     struct vsw_error *err)
{
    size_t len, n_bytes = 0;
    char *script = script_text(f, formats[format].terminal, &len);
    char *image = NULL, name[256];
    int rc;

    if (!script) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    snprintf(name, sizeof name, "%.200s%s", f->plot->file,
             formats[format].suffix);
    rc = gnuplot_run(script, len, &image, &n_bytes, err);
    rc = rc ? rc : vsw_atomic_write(dir, name, image, n_bytes, err);
    free(image);
    free(script);
    return rc;
}

/* There is none if a run was stopped early, or nothing was delivered. */
bool
figure_has_value(const struct figure *f)
{
    for (uint32_t i = 0; i < f->result->n_points; i++) {
        const struct vsw_result_value *v = vsw_result_value(
            &f->result->points[i], f->plot->y);

        if (v && isfinite(v->value)) {
            return true;
        }
    }
    return false;
}

int
vsw_report_plots(const struct vsw_result *result,
                 const struct vsw_report_mark *marks, uint32_t n_marks,
                 const char *dir, struct vsw_error *err)
{
    int rc = vsw_atomic_mkdir(dir, err);

    for (uint32_t i = 0; i < result->n_plots && !rc; i++) {
        struct figure f;

        rc = figure_init(&f, result, &result->plots[i], err);
        if (!rc && !figure_has_value(&f)) {
            continue;
        }
        f.marks = marks;
        f.n_marks = n_marks;
        for (size_t format = 0; format < VSW_N_ELEMS(formats) && !rc;
             format++) {
            rc = draw(&f, format, dir, err);
        }
    }
    return rc;
}
