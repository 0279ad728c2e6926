#include "io/json/json_doc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Bytes of a line that are shown before and after the caret. */
#define BEFORE_BYTES 48
#define AFTER_BYTES 24

struct message {
    char text[1536];
    size_t n;
};

static void
put(struct message *m, char c)
{
    if (m->n + 1 < sizeof m->text) {
        m->text[m->n++] = c;
        m->text[m->n] = '\0';
    }
}

static void
put_args(struct message *m, const char *format, va_list args)
{
    size_t left = sizeof m->text - m->n;
    int n = vsnprintf(m->text + m->n, left, format, args);

    if (n > 0) {
        m->n += (size_t) n < left ? (size_t) n : left - 1;
    }
}

static void VSW_PRINTF(2, 3)
put_format(struct message *m, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_args(m, format, args);
    va_end(args);
}

static bool
continues_utf8(char c)
{
    return ((unsigned char) c & 0xc0) == 0x80;
}

/* Names and lines come from a file: a terminal must not obey what they hold.
 * Each byte keeps its column, so that the caret fits. */
static char
printable(char c)
{
    if (c == '\t') {
        return ' ';
    }
    return (unsigned char) c < 0x20 || c == 0x7f ? '?' : c;
}

static void
put_line_and_caret(struct message *m, const struct vsw_json_doc *doc,
                   size_t at)
{
    size_t first = at, last = at;

    while (first > 0 && doc->text[first - 1] != '\n'
           && (at - first < BEFORE_BYTES
               || continues_utf8(doc->text[first]))) {
        first--;
    }
    while (last < doc->n_bytes && doc->text[last] != '\n'
           && doc->text[last] != '\r'
           && (last - at < AFTER_BYTES || continues_utf8(doc->text[last]))) {
        last++;
    }
    put_format(m, "\n    ");
    for (size_t i = first; i < last; i++) {
        put(m, printable(doc->text[i]));
    }
    put_format(m, "\n    ");
    for (size_t i = first; i < at; i++) {
        if (!continues_utf8(doc->text[i])) {
            put(m, ' ');
        }
    }
    put(m, '^');
}

static void
put_place(struct message *m, const struct vsw_json_doc *doc, size_t at)
{
    uint32_t line, column;

    if (doc->is_option) {
        put_format(m, "%s: ", doc->name);
        return;
    }
    vsw_json_doc_place(doc, at, &line, &column);
    put_format(m, "%s:%u:%u: ", doc->name, line, column);
}

static void
report(struct vsw_json_errors *errors, enum vsw_error_kind kind, int code,
       const struct vsw_json_doc *doc, size_t at, const char *format,
       va_list args)
{
    struct message m = {.n = 0};
    size_t start;

    if (++errors->n > VSW_JSON_MAX_ERRORS || !errors->err) {
        return;
    }
    if (doc) {
        at = at < doc->n_bytes ? at : doc->n_bytes;
        put_place(&m, doc, at);
    }
    start = m.n;
    put_args(&m, format, args);
    for (size_t i = start; i < m.n; i++) {
        m.text[i] = printable(m.text[i]);
    }
    if (doc && doc->n_bytes > 0) {
        put_line_and_caret(&m, doc, at);
    }
    vsw_error_add(errors->err, kind, code, "%s", m.text);
}

void
vsw_json_report(struct vsw_json_errors *errors,
                const struct vsw_json_doc *doc, size_t at, const char *format,
                ...)
{
    va_list args;

    va_start(args, format);
    report(errors, VSW_ERROR_DATA, -EINVAL, doc, at, format, args);
    va_end(args);
}

void
vsw_json_report_kind(struct vsw_json_errors *errors, enum vsw_error_kind kind,
                     int code, const struct vsw_json_doc *doc, size_t at,
                     const char *format, ...)
{
    va_list args;

    va_start(args, format);
    report(errors, kind, code, doc, at, format, args);
    va_end(args);
}

int
vsw_json_report_nomem(struct vsw_json_errors *errors)
{
    vsw_json_report_kind(errors, VSW_ERROR_INTERNAL, -ENOMEM, NULL, 0,
                         "out of memory");
    return -ENOMEM;
}

struct vsw_json_hint
vsw_json_hint(const struct vsw_nearest *nearest)
{
    const char *best = vsw_nearest_get(nearest);
    struct vsw_json_hint hint = {.text = ""};

    if (best) {
        snprintf(hint.text, sizeof hint.text, "; try \"%s\"", best);
    }
    return hint;
}

int
vsw_json_errors_finish(struct vsw_json_errors *errors)
{
    if (errors->n > VSW_JSON_MAX_ERRORS) {
        vsw_error_add(errors->err, VSW_ERROR_DATA, -EINVAL,
                      "and %u more errors",
                      errors->n - VSW_JSON_MAX_ERRORS);
    }
    if (errors->n == 0) {
        return 0;
    }
    return errors->err && errors->err->code ? errors->err->code : -EINVAL;
}
