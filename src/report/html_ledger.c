/* The ledger of each point as a stacked bar, drawn here as inline SVG. */
#include "report/html.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/figure.h"

/* Accounts with a colour of their own; the rest is one piece. */
#define MAX_PIECES 7

/* Bars of one figure; more rows than this are thinned to first and last. */
#define MAX_BARS 24

#define LABEL_PX 250
#define BAR_PX 560
#define ROW_PX 26

struct pieces {
    const char *names[MAX_PIECES];
    uint32_t n;
};

/* Which side of a point: the guests' CPUs, or all others. */
static bool
is_side(const struct vsw_result_line *line, bool guests)
{
    return !strcmp(line->role, "guest") == guests
           && strcmp(line->role, "device") && strcmp(line->account, "poll");
}

static double
cycles_of(const struct vsw_result_point *point, bool guests,
          const char *account)
{
    double sum = 0;

    for (uint32_t i = 0; i < point->n_ledger; i++) {
        const struct vsw_result_line *line = &point->ledger[i];

        if (is_side(line, guests) && isfinite(line->cycles_per_pkt)
            && (!account || !strcmp(line->account, account))) {
            sum += line->cycles_per_pkt;
        }
    }
    return sum;
}

static bool
has(const struct pieces *pieces, const char *name)
{
    for (uint32_t i = 0; i < pieces->n; i++) {
        if (!strcmp(pieces->names[i], name)) {
            return true;
        }
    }
    return false;
}

static double
cycles_of_all(const struct vsw_result *result, bool guests,
              const char *account)
{
    double sum = 0;

    for (uint32_t i = 0; i < result->n_points; i++) {
        sum += cycles_of(&result->points[i], guests, account);
    }
    return sum;
}

/* The largest account that has no piece yet, or NULL. */
static const char *
largest(const struct vsw_result *result, bool guests,
        const struct pieces *pieces)
{
    const char *best = NULL;
    double most = 0;

    for (uint32_t i = 0; i < result->n_points; i++) {
        const struct vsw_result_point *point = &result->points[i];

        for (uint32_t k = 0; k < point->n_ledger; k++) {
            const struct vsw_result_line *line = &point->ledger[k];
            double cycles;

            if (!is_side(line, guests) || has(pieces, line->account)
                || (best && !strcmp(best, line->account))) {
                continue;
            }
            cycles = cycles_of_all(result, guests, line->account);
            if (cycles > most) {
                most = cycles;
                best = line->account;
            }
        }
    }
    return best;
}

static void
put_rect(FILE *out, double x, double y, double width, uint32_t color,
         const char *name, double cycles)
{
    fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" "
            "fill=\"%s\"><title>", x, y, width, ROW_PX - 6,
            color < MAX_PIECES ? figure_color(color) : "#999999");
    html_text(out, name);
    fprintf(out, ": %.4g cycles/packet</title></rect>", cycles);
}

static void
put_bar(FILE *out, const struct vsw_result *result,
        const struct vsw_result_point *point, bool guests,
        const struct pieces *pieces, double most, double y)
{
    double x = LABEL_PX, total = cycles_of(point, guests, NULL), rest = total;

    fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
            LABEL_PX - 8, y + ROW_PX / 2.0 + 1);
    html_text(out, result->designs[point->design]);
    fputs(result->n_axes ? ", " : "", out);
    html_place(out, result, point);
    fputs("</text>", out);
    for (uint32_t i = 0; i < pieces->n; i++) {
        double cycles = cycles_of(point, guests, pieces->names[i]);

        put_rect(out, x, y, cycles / most * BAR_PX, i, pieces->names[i],
                 cycles);
        x += cycles / most * BAR_PX;
        rest -= cycles;
    }
    if (rest > total * 1e-9) {
        put_rect(out, x, y, rest / most * BAR_PX, MAX_PIECES, "other", rest);
        x += rest / most * BAR_PX;
    }
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">%.4g</text>\n", x + 6,
            y + ROW_PX / 2.0 + 1, total);
}

static void
put_legend(FILE *out, const struct pieces *pieces)
{
    fputs("<p class=\"legend\">", out);
    for (uint32_t i = 0; i <= pieces->n; i++) {
        bool other = i == pieces->n;

        fprintf(out, "<span><i style=\"background:%s\"></i>",
                other ? "#999999" : figure_color(i));
        html_text(out, other ? "other" : pieces->names[i]);
        fputs("</span> ", out);
    }
    fputs("</p>\n", out);
}

/* Points that are drawn: all, or the first and last row of each design. */
static bool
is_drawn(const struct vsw_result *result, uint32_t i)
{
    uint32_t n_rows = html_n_rows(result);

    return result->n_points <= MAX_BARS || i % n_rows == 0
           || i % n_rows == n_rows - 1;
}

static void
put_numbers(FILE *out, const struct vsw_result *result, bool guests,
            const struct pieces *pieces)
{
    fputs("<details><summary>Numbers</summary><div class=\"wide\"><table>"
          "<tr><th>design</th><th>at</th>", out);
    for (uint32_t i = 0; i < pieces->n; i++) {
        fprintf(out, "<th>%s</th>", pieces->names[i]);
    }
    fputs("<th>all</th></tr>\n", out);
    for (uint32_t i = 0; i < result->n_points; i++) {
        const struct vsw_result_point *point = &result->points[i];

        fputs("<tr><td>", out);
        html_text(out, result->designs[point->design]);
        fputs("</td><td>", out);
        html_place(out, result, point);
        fputs("</td>", out);
        for (uint32_t k = 0; k <= pieces->n; k++) {
            fprintf(out, "<td class=\"n\">%.4g</td>",
                    cycles_of(point, guests,
                              k < pieces->n ? pieces->names[k] : NULL));
        }
        fputs("</tr>\n", out);
    }
    fputs("</table></div></details>\n", out);
}

static void
put_side(FILE *out, const struct vsw_result *result, bool guests)
{
    struct pieces pieces = {.n = 0};
    double most = 0, y = 4;
    uint32_t n_bars = 0;
    const char *name;

    while (pieces.n < MAX_PIECES
           && (name = largest(result, guests, &pieces)) != NULL) {
        pieces.names[pieces.n++] = name;
    }
    for (uint32_t i = 0; i < result->n_points; i++) {
        most = fmax(most, cycles_of(&result->points[i], guests, NULL));
        n_bars += is_drawn(result, i);
    }
    if (!(most > 0)) {
        return;
    }
    fprintf(out, "<h3>Cycles per packet, %s CPUs</h3>\n",
            guests ? "the guests\u2019" : "the switch\u2019s and all other");
    put_legend(out, &pieces);
    fprintf(out, "<figure><svg class=\"own\" viewBox=\"0 0 %d %u\" "
            "role=\"img\">\n", LABEL_PX + BAR_PX + 80,
            (unsigned int) (n_bars * ROW_PX + 8));
    for (uint32_t i = 0; i < result->n_points; i++) {
        if (is_drawn(result, i)) {
            put_bar(out, result, &result->points[i], guests, &pieces, most,
                    y);
            y += ROW_PX;
        }
    }
    fputs("</svg></figure>\n", out);
    put_numbers(out, result, guests, &pieces);
}

void
html_ledger(FILE *out, const struct vsw_result *result)
{
    put_side(out, result, false);
    put_side(out, result, true);
}
