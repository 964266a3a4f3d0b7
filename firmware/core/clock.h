/* Three times kept apart: ticks of the board, board milliseconds since boot, and UTC as a host has told it.
 * The board's resonator may be 0.5 % off; `rate` turns its seconds into true ones, with the remainder carried.
 * Specification: docs/spec/link.md, command U. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define RATE_LIMIT_ppb 10000000

struct clock {
    uint32_t board_ms; /* since boot, wraps */
    uint16_t board_us; /* 0..999 */
    uint32_t utc_s;    /* of the same moment; 0 = unknown */
    uint32_t utc_us;   /* 0..999,999 */
    int32_t rate_ppb;  /* a board second lasts 1 + rate * 1e-9 true seconds */
    int32_t rest;      /* of the correction, 1e-9 us */
};

/** Lets `board_us` (to 2,000,000) of board time pass; the same in true microseconds. */
uint32_t clock_advance(struct clock *c, uint32_t board_us);

/** At board time `t_ms` it was utc_s + ms (0..999); from now on at this rate. The step of UTC in us; 0 if it was unknown. */
int64_t clock_set(struct clock *c, uint32_t utc_s, uint16_t ms, uint32_t t_ms, int32_t rate_ppb);

#endif
