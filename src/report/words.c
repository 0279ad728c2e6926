/* Words of records and of the vocabulary. */
#include "report/published_impl.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char) c;
}

/* Whether 'text' contains the 'len' bytes at 'word'. */
static bool
contains(const char *text, const char *word, size_t len)
{
    for (; *text; text++) {
        size_t i = 0;

        while (i < len && text[i] && lower(text[i]) == lower(word[i])) {
            i++;
        }
        if (i == len) {
            return true;
        }
    }
    return len == 0;
}

bool
word_is_in(const char *text, const char *word)
{
    for (;;) {
        size_t len = strcspn(word, "|");

        if (contains(text, word, len)) {
            return true;
        }
        if (!word[len]) {
            return false;
        }
        word += len + 1;
    }
}

bool
words_are_in(const char *text, const struct vsw_json_node *words)
{
    if (words && words->type == JSON_STRING) {
        return word_is_in(text, words->string);
    }
    for (const struct vsw_json_node *w = words ? words->first : NULL; w;
         w = w->next) {
        if (w->type != JSON_STRING || !word_is_in(text, w->string)) {
            return false;
        }
    }
    return true;
}

bool
word_fits(const char *pattern, const char *text)
{
    for (; *pattern != '*'; pattern++, text++) {
        if (*pattern != *text) {
            return false;
        }
        if (!*text) {
            return true;
        }
    }
    do {
        if (word_fits(pattern + 1, text)) {
            return true;
        }
    } while (*text++);
    return false;
}

const char *
word_number(const char *text, double *x)
{
    char *end;

    *x = strtod(text, &end);
    if (end == text) {
        return NULL;
    }
    if (*end == 'K' || *end == 'k') {
        *x *= 1024;
        end++;
    } else if (*end == 'M' && !isalpha((unsigned char) end[1])) {
        *x *= 1024.0 * 1024;
        end++;
    }
    return end;
}

const struct vsw_json_node *
vocabulary(const struct compare *c, const char *name)
{
    return vsw_json_member(c->vocabulary, name);
}

const char *
string_of(const struct vsw_json_node *object, const char *key)
{
    const struct vsw_json_node *node = vsw_json_member(object, key);

    return node && node->type == JSON_STRING ? node->string : NULL;
}

bool
is_number(const struct vsw_json_node *node)
{
    return node->type == JSON_INTEGER || node->type == JSON_REAL;
}

static bool
agrees(const struct vsw_json_node *want, const struct vsw_json_node *have)
{
    if (want->type == JSON_ARRAY) {
        for (const struct vsw_json_node *w = want->first; w; w = w->next) {
            if (agrees(w, have)) {
                return true;
            }
        }
        return false;
    }
    if (want->type == JSON_NULL || !have) {
        return want->type == JSON_NULL && !have;
    }
    if (is_number(want) && is_number(have)) {
        return !(want->real < have->real) && !(want->real > have->real);
    }
    if (want->type == JSON_STRING && have->type == JSON_STRING) {
        return word_is_in(have->string, want->string);
    }
    return want->type == have->type && !is_number(want)
           && want->type != JSON_STRING;
}

/* What a base has besides conditions. */
static bool
is_no_condition(const char *key)
{
    return !strcmp(key, "config") || !strcmp(key, "set")
           || !strcmp(key, "quick") || !strcmp(key, "when");
}

bool
conditions_hold(const struct vsw_json_node *when,
                const struct vsw_published_record *record,
                const char *system)
{
    const struct {
        const char *word, *text;
    } own[] = {
        {"family", record->family}, {"unit", record->unit},
        {"relation", record->relation}, {"use", record->use},
        {"metric", record->metric}, {"system", system},
    };

    for (const struct vsw_json_node *w = when ? when->first : NULL; w;
         w = w->next) {
        const struct vsw_json_node *have = vsw_json_member(record->scenario,
                                                           w->key);
        struct vsw_json_node said = {.type = JSON_STRING};

        for (size_t i = 0; i < VSW_N_ELEMS(own) && !have; i++) {
            if (!strcmp(w->key, own[i].word) && own[i].text) {
                said.string = own[i].text;
                have = &said;
            }
        }
        if (!is_no_condition(w->key) && !agrees(w, have)) {
            return false;
        }
    }
    return true;
}
