/* The last UTC half hours, so that a host which was away loses none of them.
 * It stores how far each counter went in each half hour and answers with cumulative counters at each half hour's end.
 * Specification: docs/spec/link.md, command H and "Rules the counters follow", 5. */
#ifndef CORE_RING_H
#define CORE_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "energy.h"

#ifndef RING_HALF_HOURS
#define RING_HALF_HOURS 25u
#endif
#define HALF_HOUR_s 1800u
#define RING_SHIFT 9u /* the ring counts in 512 mWh: a power of two, so that it agrees with counters that wrap at 2^32 */

_Static_assert(RING_HALF_HOURS >= 24u, "a host may be away for twelve hours");

/* All in steps of 512 mWh, for one counter:
 *
 *    |--- delta[newest-1] ---|--- delta[newest] ---|-- open: counter - last --> counter
 *                                                  ^ last (its low 16 bits), at edge_s - 1800
 *
 * A delta holds 65,535 steps (33.5 kWh); what is more stays in `open` for the next one: `over` is its bit 16.
 */
struct ring {
    uint16_t delta[RING_HALF_HOURS][COUNTERS];
    uint16_t last[COUNTERS];
    uint16_t high;     /* bit k: open of counter k was at or above 32,768 when last watched */
    uint16_t over;     /* bit k: open of counter k is 65,536 more than its 16 bits say */
    uint32_t edge_s;   /* the next half-hour end; 0 = UTC unknown */
    uint8_t newest;    /* index of the newest delta */
    uint8_t count;     /* deltas held */
    bool anchored;     /* false until the first half-hour end has given `last` */
};

/** Empties the ring and awaits the first half-hour end after `utc_s`. */
void ring_empty(struct ring *r, uint32_t utc_s);

/** The half hour ending at edge_s is over: these are the counters at its end. */
void ring_close(struct ring *r, const uint32_t counter[COUNTERS]);

/** Sees the counters at least once in every 16 kWh, so that an overflow of 16 bits is noticed. */
void ring_watch(struct ring *r, const uint32_t counter[COUNTERS]);

/** The oldest half-hour end (UTC seconds) known, where the oldest delta began; edge_s when there is none. */
uint32_t ring_oldest_s(const struct ring *r);

/** What counter k was at half-hour end `end_s` (held, oldest_s .. edge_s - 1800), floor of 512 mWh; `now` is counter k now. */
uint32_t ring_at(const struct ring *r, uint8_t k, uint32_t now, uint32_t end_s);

#endif
