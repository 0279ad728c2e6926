/* What every cmocka test program includes, in the order cmocka needs. */
#ifndef VSW_TEST_H
#define VSW_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
