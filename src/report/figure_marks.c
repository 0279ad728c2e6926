/* Published numbers, drawn as marks over lines and bars. */
#include "report/figure.h"

#include <math.h>
#include <string.h>

bool
figure_mark_is_shown(const struct figure *f, uint32_t mark)
{
    const struct vsw_report_mark *m = &f->marks[mark];

    return !strcmp(m->x_key, f->plot->x) && !strcmp(m->metric, f->plot->y)
           && isfinite(f->place(f, m));
}

/* The first mark with the label of 'mark', which stands for all of them. */
static uint32_t
first_alike(const struct figure *f, uint32_t mark)
{
    uint32_t first = 0;

    while (!figure_mark_is_shown(f, first)
           || strcmp(f->marks[first].label, f->marks[mark].label)) {
        first++;
    }
    return first;
}

static bool
leads(const struct figure *f, uint32_t mark)
{
    return figure_mark_is_shown(f, mark) && first_alike(f, mark) == mark;
}

void
figure_put_marks(const struct figure *f, FILE *out)
{
    for (uint32_t i = 0; i < f->n_marks; i++) {
        if (!leads(f, i)) {
            continue;
        }
        fprintf(out, "$m%u << EOD\n", (unsigned int) i);
        for (uint32_t j = i; j < f->n_marks; j++) {
            if (figure_mark_is_shown(f, j) && first_alike(f, j) == i) {
                fprintf(out, "%.9g %.9g\n", f->place(f, &f->marks[j]),
                        f->marks[j].y * f->scale.factor);
            }
        }
        fputs("EOD\n", out);
    }
}

void
figure_plot_marks(const struct figure *f, FILE *out)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n_marks; i++) {
        if (leads(f, i)) {
            fprintf(out, ", $m%u using 1:2 with points pt %u ps 1.6 lw 2 "
                    "lc rgb 'black' title ", (unsigned int) i,
                    (unsigned int) (n++ % 2 ? 4 : 6));
            figure_quote(out, f->marks[i].label);
        }
    }
}
