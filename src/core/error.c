#include <vswsim/error.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
append(struct vsw_error *err, const char *format, va_list args)
{
    size_t used = strlen(err->text);
    size_t left = sizeof err->text - used;
    int n = vsnprintf(err->text + used, left, format, args);

    if (n >= 0 && (size_t) n >= left) {
        memcpy(err->text + sizeof err->text - 4, "...", 4);
    }
}

int
vsw_error_set(struct vsw_error *err, enum vsw_error_kind kind, int code,
              const char *format, ...)
{
    va_list args;

    if (err) {
        err->kind = kind;
        err->code = code;
        err->text[0] = '\0';
        va_start(args, format);
        append(err, format, args);
        va_end(args);
    }
    return code;
}

void
vsw_error_add(struct vsw_error *err, enum vsw_error_kind kind, int code,
              const char *format, ...)
{
    size_t used;
    va_list args;

    if (!err) {
        return;
    }
    if (err->kind == VSW_ERROR_NONE) {
        err->kind = kind;
        err->code = code;
        err->text[0] = '\0';
    }
    used = strlen(err->text);
    if (used > 0 && used + 2 < sizeof err->text) {
        memcpy(err->text + used, "\n", 2);
    }
    va_start(args, format);
    append(err, format, args);
    va_end(args);
}
