/* The half-hour ring: written at an edge, read backwards from the counters as they are now.
 * Saturation carries: a half hour's steps that do not fit its delta are found again in the next.
 */
#include "ring.h"

void ring_empty(struct ring *r, uint32_t utc_s)
{
    r->edge_s = (utc_s / HALF_HOUR_s + 1u) * HALF_HOUR_s;
    r->count = 0;
    r->anchored = false;
}

static uint32_t open_steps(const struct ring *r, uint8_t k, uint32_t counter)
{
    const uint16_t low = (uint16_t)((uint16_t)(counter >> RING_SHIFT) - r->last[k]);
    return low + ((r->over >> k & 1u) ? 65536u : 0u);
}

void ring_close(struct ring *r, const uint32_t counter[COUNTERS])
{
    r->edge_s += HALF_HOUR_s;
    if (!r->anchored) {
        for (uint8_t k = 0; k < COUNTERS; k++) {
            r->last[k] = (uint16_t)(counter[k] >> RING_SHIFT);
        }
        r->anchored = true;
        r->high = 0;
        r->over = 0;
        return;
    }
    ring_watch(r, counter);
    r->newest = (uint8_t)((r->newest + 1u) % RING_HALF_HOURS);
    if (r->count < RING_HALF_HOURS) {
        r->count++;
    }
    for (uint8_t k = 0; k < COUNTERS; k++) {
        const uint32_t steps = open_steps(r, k, counter[k]);
        const uint16_t kept = steps > 65535u ? 65535u : (uint16_t)steps;
        r->delta[r->newest][k] = kept;
        r->last[k] = (uint16_t)(r->last[k] + kept);
    }
    r->high = 0;
    r->over = 0;
}

void ring_watch(struct ring *r, const uint32_t counter[COUNTERS])
{
    for (uint8_t k = 0; k < COUNTERS; k++) {
        const uint16_t bit = (uint16_t)(1u << k);
        const bool high = (uint16_t)((uint16_t)(counter[k] >> RING_SHIFT) - r->last[k]) >= 32768u;
        if (high) {
            r->high |= bit;
        } else if (r->high & bit) {
            r->high &= (uint16_t)~bit;
            r->over |= bit;
        }
    }
}

uint32_t ring_oldest_s(const struct ring *r)
{
    return r->anchored ? r->edge_s - HALF_HOUR_s * (r->count + 1u) : r->edge_s;
}

uint32_t ring_at(const struct ring *r, uint8_t k, uint32_t now, uint32_t end_s)
{
    uint32_t steps = (now >> RING_SHIFT) - open_steps(r, k, now);
    uint8_t at = r->newest;
    uint32_t end = r->edge_s - HALF_HOUR_s;
    for (uint8_t n = 0; n < r->count && end != end_s; n++) {
        end -= HALF_HOUR_s;
        steps -= r->delta[at][k];
        at = at == 0u ? (uint8_t)(RING_HALF_HOURS - 1u) : (uint8_t)(at - 1u);
    }
    return steps << RING_SHIFT;
}
