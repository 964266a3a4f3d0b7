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

/* Units, up to 2^40, as high * 2^16 + low: an AVR multiplies 16 bits by 16 at once, 64 by 64 in 2,300 cycles. */
struct units {
    uint32_t high;
    uint32_t low; /* may be beyond 16 bits */
};

_Static_assert((uint64_t)134217727 * 2000000u / UNIT_nJ + UNITS_PER_mWh < 1ull << 40, "the energy of any window fits 40 bits");
_Static_assert(UNITS_PER_mWh > 1ull << 23 && UNITS_PER_mWh < 1ull << 24, "40 bits hold at most one unit of mWh in their upper 24");

static uint32_t product(uint16_t a, uint16_t b)
{
    return (uint32_t)a * b;
}

/** power * true_us / 256, rounded: both factors in two parts, so that only the last product is ever rounded.
 *  A call of its own: within energy_flow it would be the deepest of the stack. */
static struct units __attribute__((noinline)) energy(uint32_t power, uint32_t true_us)
{
    const uint16_t p1 = (uint16_t)(power >> 16);
    const uint16_t p0 = (uint16_t)power;
    const uint16_t t1 = (uint16_t)(true_us / UNIT_nJ);
    const uint16_t t0 = (uint16_t)(true_us % UNIT_nJ);
    const uint32_t last = (product(p0, t0) + UNIT_nJ / 2u) / UNIT_nJ;
    return (struct units){product(p1, t1), product(p0, t1) + product(p1, t0) * (65536u / UNIT_nJ) + last};
}

/** Adds units to a counter: whole mWh by long division, a byte at a time; what remains is its rest. */
static void book(struct energy *e, uint8_t counter, struct units u)
{
    const uint32_t low = u.low + e->rest[counter];
    uint32_t rest = u.high + (low >> 16);
    uint32_t whole = 0;
    if (rest >= UNITS_PER_mWh) {
        rest -= UNITS_PER_mWh;
        whole = 65536u;
    }
    for (uint8_t shift = 16; shift > 0u;) {
        shift = (uint8_t)(shift - 8u);
        rest = rest << 8 | (low >> shift & 0xFFu);
        if (rest >= UNITS_PER_mWh) { /* a division takes 600 cycles */
            whole += rest / UNITS_PER_mWh << shift;
            rest %= UNITS_PER_mWh;
        }
    }
    e->rest[counter] = rest;
    e->counter[counter] += whole;
    e->since[counter] = (uint16_t)(e->since[counter] + whole);
    if (counter < 2u) {
        e->pulses = (uint16_t)(e->pulses + whole);
    }
}

static void book_pot(struct energy *e, uint8_t counter, uint32_t units)
{
    book(e, counter, (struct units){0, units});
}

void energy_flow(struct energy *e, uint8_t pair, int32_t power, uint32_t true_us, uint32_t gate_mw)
{
    const uint32_t size = power < 0 ? 0u - (uint32_t)power : (uint32_t)power;
    const uint8_t import = (uint8_t)(2u * pair);
    const struct units u = energy(size, true_us);
    if (size >= gate_mw) {
        e->loaded = (uint8_t)(e->loaded | 1u << pair);
        book(e, (uint8_t)(import + (power < 0)), u);
        return;
    }
    const int32_t units = (int32_t)((u.high << 16) + u.low);
    const int32_t part = power < 0 ? -units : units;
    e->pot[pair] += part;
    e->flow[pair] += part / 16;
    if (e->pot[pair] >= POT_FULL_units) {
        book_pot(e, import, (uint32_t)e->pot[pair]);
        e->pot[pair] = 0;
    } else if (e->pot[pair] <= -POT_FULL_units) {
        book_pot(e, (uint8_t)(import + 1u), 0u - (uint32_t)e->pot[pair]);
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
        if ((e->loaded & 1u << pair) == 0u && e->pot[pair] != 0 && e->flow[pair] < floor && e->flow[pair] > -floor) {
            e->pot[pair] = 0;
            e->creep++;
        }
        e->flow[pair] = 0;
    }
    e->loaded = 0;
}
