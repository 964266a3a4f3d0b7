/* A case is a line of output; the last line of a program is "N passed, M failed", which is also its exit code.
 *
 */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

static int passed;
static int failed;

/** One case: what it claims, and whether it held. */
static inline void check(bool held, const char *claim)
{
    printf("%s %s\n", held ? "ok  " : "FAIL", claim);
    if (held) {
        passed++;
    } else {
        failed++;
    }
}

static inline int verdict(void)
{
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}

/** A small reproducible generator: xorshift32. */
static uint32_t seed = 2463534242u;
static inline uint32_t chance(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

#endif
