/* Addresses of a port table. */
#include "io/config/config_keys.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

static bool
is_mac(const char *text)
{
    for (int i = 0; i < 17; i++) {
        bool separator = i % 3 == 2;
        unsigned char c = (unsigned char) text[i];

        if (separator ? c != ':' : !isxdigit(c)) {
            return false;
        }
    }
    return text[17] == '\0';
}

static bool
is_length(const char *text, unsigned long max)
{
    char *end;

    if (!isdigit((unsigned char) *text) || strlen(text) > 3) {
        return false;
    }
    return strtoul(text, &end, 10) <= max && *end == '\0';
}

bool
vsw_config_is_match(const char *text)
{
    char address[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    size_t n = strcspn(text, "/");
    bool v4;

    if (is_mac(text)) {
        return true;
    }
    if (n >= sizeof address) {
        return false;
    }
    memcpy(address, text, n);
    address[n] = '\0';
    v4 = inet_pton(AF_INET, address, bytes) == 1;
    if (!v4 && inet_pton(AF_INET6, address, bytes) != 1) {
        return false;
    }
    return text[n] == '\0' || is_length(text + n + 1, v4 ? 32 : 128);
}
