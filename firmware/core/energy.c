/* Booking: the one place where a counter moves.
 * The laws (conservation, no rectified noise, a turned clamp swaps the two counters) are tests in test/firmware.
 */
#include "energy.h"

#include <math.h>

_Static_assert((uint64_t)UNITS_PER_mWh * UNIT_nJ == 3600000000u, "a milliwatt-hour is 3.6 J");
_Static_assert((uint64_t)POT_FULL_units == 100ull * UNITS_PER_mWh, "a pot is full at 0.1 Wh");
/* The most a window can bring to a pot is 79 W for one second. */
_Static_assert((uint64_t)POT_FULL_units + 79057ull * 1450000ull / UNIT_nJ < 2147483647u, "a pot never overflows");

uint32_t energy_gate_mw(uint8_t cycles)
{
    return (uint32_t)((float)CREEP_GATE_mw * sqrtf(10.0f / (float)cycles) + 0.5f);
}

static void book(struct energy *e, uint8_t counter, uint64_t units)
{
    const uint64_t all = units + e->rest[counter];
    const uint32_t whole = (uint32_t)(all / UNITS_PER_mWh);
    e->rest[counter] = (uint32_t)(all - (uint64_t)whole * UNITS_PER_mWh);
    e->counter[counter] += whole;
    e->since[counter] = (uint16_t)(e->since[counter] + whole);
    if (counter < 2u) {
        e->pulses = (uint16_t)(e->pulses + whole);
    }
}

void energy_flow(struct energy *e, uint8_t pair, int32_t power, uint32_t true_us, uint32_t gate_mw)
{
    const uint32_t size = power < 0 ? 0u - (uint32_t)power : (uint32_t)power;
    const uint8_t import = (uint8_t)(2u * pair);
    const uint64_t units = ((uint64_t)size * true_us + UNIT_nJ / 2u) / UNIT_nJ;
    if (size >= gate_mw) {
        book(e, (uint8_t)(import + (power < 0)), units);
        return;
    }
    const int32_t part = power < 0 ? -(int32_t)units : (int32_t)units;
    e->pot[pair] += part;
    e->flow[pair] += part / 16;
    if (e->pot[pair] >= POT_FULL_units) {
        book(e, import, (uint32_t)e->pot[pair]);
        e->pot[pair] = 0;
    } else if (e->pot[pair] <= -POT_FULL_units) {
        book(e, (uint8_t)(import + 1u), 0u - (uint32_t)e->pot[pair]);
        e->pot[pair] = 0;
    }
}

void energy_judge(struct energy *e, uint32_t true_us)
{
    e->judged_us += true_us;
    if (e->judged_us < CREEP_JUDGE_us) {
        return;
    }
    /* mW * us = nJ; in sixteen units of 256 nJ: / 4096. The first / 64 keeps 61 s of 2 W within 32 bits. */
    const int32_t floor = (int32_t)(e->judged_us / 64u * CREEP_FLOOR_mw / 64u);
    e->judged_us = 0;
    for (uint8_t pair = 0; pair < PAIRS; pair++) {
        if (e->pot[pair] != 0 && e->flow[pair] < floor && e->flow[pair] > -floor) {
            e->pot[pair] = 0;
            e->creep++;
        }
        e->flow[pair] = 0;
    }
}
