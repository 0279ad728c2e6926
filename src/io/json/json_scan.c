#include "io/json/json_scan.h"

#include <string.h>

char
vsw_json_scan_peek(struct vsw_json_scan *scan)
{
    while (scan->at < scan->n_bytes) {
        char c = scan->text[scan->at];

        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
            return c;
        }
        scan->at++;
    }
    return '\0';
}

bool
vsw_json_scan_take(struct vsw_json_scan *scan, char c)
{
    if (vsw_json_scan_peek(scan) != c || scan->at >= scan->n_bytes) {
        return false;
    }
    scan->at++;
    return true;
}

static bool
skip_string(struct vsw_json_scan *scan)
{
    scan->at++;
    while (scan->at < scan->n_bytes && scan->text[scan->at] != '"') {
        scan->at += scan->text[scan->at] == '\\' ? 2 : 1;
    }
    if (scan->at >= scan->n_bytes) {
        scan->at = scan->n_bytes;
        return false;
    }
    scan->at++;
    return true;
}

static bool
is_word(char c)
{
    return c != '\0' && strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", c);
}

bool
vsw_json_scan_scalar(struct vsw_json_scan *scan)
{
    size_t start;

    if (vsw_json_scan_peek(scan) == '"') {
        return skip_string(scan);
    }
    start = scan->at;
    while (scan->at < scan->n_bytes && is_word(scan->text[scan->at])) {
        scan->at++;
    }
    return scan->at > start;
}
