/* Prints the schema of experiment files, for check_schema.py. */
#include <vswsim/config.h>

#include <stdio.h>
#include <stdlib.h>

#include "stub_models.h"

int
main(void)
{
    char *schema = vsw_config_schema();

    if (!schema || puts(schema) == EOF) {
        return 1;
    }
    free(schema);
    return 0;
}
