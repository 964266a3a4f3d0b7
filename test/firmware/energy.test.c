/* The laws of the counters: conservation, creep, wrap, symmetry. The auditor adds up plain sums of its own.
 *
 */
#include <string.h>

#include "check.h"
#include "core/energy.h"
#include "fake-board.h"

static struct energy e;

/* A steady load near the gate, some of whose windows noise takes under it: four hours, to 0.1 % and the pot. */
static void at_the_gate(int32_t power_mw, int32_t noise_mw, uint16_t cycles, const char *what)
{
    const uint32_t gate_mw = energy_gate_mw((uint8_t)cycles);
    const uint32_t window_us = 20000u * cycles;
    const uint32_t windows = (uint32_t)(4ull * 3600ull * 1000000ull / window_us);
    int64_t truth = 0;
    memset(&e, 0, sizeof e);
    for (uint32_t n = 0; n < windows; n++) {
        /* The sum of two throws: a triangle of +-2 noise_mw. */
        const uint32_t most = (uint32_t)(2 * noise_mw);
        const int32_t noise = (int32_t)(chance() % most) + (int32_t)(chance() % most) - 2 * noise_mw;
        truth += (int64_t)(power_mw + noise) * window_us;
        energy_flow(&e, 0, power_mw + noise, window_us, gate_mw);
        energy_judge(&e, window_us);
    }
    const double true_mwh = (double)truth / 3.6e9;
    const double off = (double)e.counter[0] - true_mwh;
    check(off < 1.0 && off > -0.001 * true_mwh - 101.0 && e.counter[1] == 0u, what);
}

/** Runs `seconds` of windows of 200 ms at a power in pair 0. */
static void run(int32_t power_mw, uint32_t seconds)
{
    const uint32_t gate_mw = energy_gate_mw(10);
    for (uint32_t n = 0; n < 5u * seconds; n++) {
        energy_flow(&e, 0, power_mw, 200000, gate_mw);
        energy_judge(&e, 200000);
    }
}

static void creep(void)
{
    check(energy_gate_mw(10) == 25000u, "the gate is 25 W at windows of 10 cycles");
    check(energy_gate_mw(1) == 79057u, "the gate is 79.057 W at windows of 1 cycle");
    check(energy_gate_mw(50) == 11180u, "the gate is 11.180 W at windows of 50 cycles");

    memset(&e, 0, sizeof e);
    run(25000, 1);
    check(e.counter[0] == 6u && e.pot[0] == 0, "25 W goes straight to the counter: 25 Ws are 6 mWh and a rest");
    memset(&e, 0, sizeof e);
    run(24999, 1);
    check(e.counter[0] == 0u && e.rest[0] == 0u && e.pot[0] != 0, "24.999 W goes to the pot");

    memset(&e, 0, sizeof e);
    run(4600, 3600);
    check(e.counter[0] >= 4500u && e.counter[0] <= 4600u && e.counter[1] == 0u, "4.6 W for an hour is counted to 0.1 Wh, one way");
    memset(&e, 0, sizeof e);
    run(-4600, 3600);
    check(e.counter[1] >= 4500u && e.counter[1] <= 4600u && e.counter[0] == 0u, "and so is -4.6 W, the other way");
    memset(&e, 0, sizeof e);
    run(1990, 3600);
    check(e.counter[0] == 0u && e.creep == 60u, "1.99 W for an hour is not counted: 60 pots are emptied");
    memset(&e, 0, sizeof e);
    run(2010, 3600);
    check(e.counter[0] >= 1900u && e.creep == 0u, "2.01 W for an hour is counted");

    memset(&e, 0, sizeof e);
    for (uint32_t n = 0; n < 5u * 60u * 46u; n++) {
        const int32_t noise = (int32_t)(chance() % 18000u) - 9000;
        for (uint8_t pair = 0; pair < PAIRS; pair++) {
            energy_flow(&e, pair, noise, 200000, 25000);
        }
        energy_judge(&e, 200000);
    }
    bool unmoved = true;
    for (uint8_t k = 0; k < COUNTERS; k++) {
        unmoved = unmoved && e.counter[k] == 0u && e.rest[k] == 0u;
    }
    check(unmoved, "46 minutes of noise of +-9 W move no counter and no rest");
}

static void conservation(void)
{
    memset(&e, 0, sizeof e);
    int64_t given[PAIRS] = {0};
    int64_t dropped[PAIRS] = {0};
    bool forward = true;
    for (uint32_t n = 0; n < 60000u; n++) {
        const uint32_t true_us = 19000u + chance() % 1300000u;
        for (uint8_t pair = 0; pair < PAIRS; pair++) {
            int32_t power = (int32_t)(chance() % 60000u) - 30000;
            if (chance() % 3u == 0u) {
                power *= 2000;
            }
            const int64_t size = power < 0 ? -(int64_t)power : power;
            const int64_t units = (size * true_us + 128) / 256;
            given[pair] += power < 0 ? -units : units;
            const uint32_t before[2] = {e.counter[2 * pair], e.counter[2 * pair + 1]};
            energy_flow(&e, pair, power, true_us, 25000);
            forward = forward && e.counter[2 * pair] - before[0] < 1000000u && e.counter[2 * pair + 1] - before[1] < 1000000u;
        }
        int32_t pot[PAIRS];
        memcpy(pot, e.pot, sizeof pot);
        energy_judge(&e, true_us);
        for (uint8_t pair = 0; pair < PAIRS; pair++) {
            dropped[pair] += pot[pair] - e.pot[pair];
        }
    }
    bool conserved = true;
    for (uint8_t pair = 0; pair < PAIRS; pair++) {
        /* the difference of two wrapping counters, as far as it can be told */
        const int64_t net = given[pair] - e.pot[pair] - dropped[pair] - e.rest[2 * pair] + e.rest[2 * pair + 1];
        conserved = conserved && net % UNITS_PER_mWh == 0 &&
                    (uint32_t)(net / UNITS_PER_mWh) == e.counter[2 * pair] - e.counter[2 * pair + 1];
    }
    check(conserved, "what 60,000 windows brought is in counters, rests, pots and what was dropped, to the unit");
    check(forward, "no counter ever goes back");
}

static void wrap(void)
{
    memset(&e, 0, sizeof e);
    e.counter[0] = UINT32_MAX;
    run(3600000, 1);
    check(e.counter[0] == 999u, "a counter wraps at 2^32: 1 Wh after 4294967295 it is 999");
}

static void symmetry(void)
{
    static struct energy turned;
    memset(&e, 0, sizeof e);
    memset(&turned, 0, sizeof turned);
    for (uint32_t n = 0; n < 20000u; n++) {
        const int32_t power = (int32_t)(chance() % 200000u) - 100000;
        energy_flow(&e, 0, power, 200003, 25000);
        energy_flow(&turned, 0, -power, 200003, 25000);
        energy_judge(&e, 200003);
        energy_judge(&turned, 200003);
    }
    check(e.counter[0] == turned.counter[1] && e.counter[1] == turned.counter[0] && e.rest[0] == turned.rest[1] &&
              e.rest[1] == turned.rest[0] && e.pot[0] == -turned.pot[0] && e.flow[0] == -turned.flow[0],
          "a turned clamp swaps import and export exactly");
}

int main(void)
{
    creep();
    at_the_gate(27000, 1600, 10, "27 W with noise about the gate of 25 W loses nothing");
    at_the_gate(30000, 3900, 10, "nor does 30 W with more noise");
    at_the_gate(88000, 5100, 1, "nor 88 W at windows of one cycle, whose gate is 79 W");
    conservation();
    wrap();
    symmetry();
    return verdict();
}
