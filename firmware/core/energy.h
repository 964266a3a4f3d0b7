/* The lifetime counters: power times true time, by the sign of the window, with the creep rule, and no unit ever lost.
 * A window's energy is rounded once to units of 256 nJ; from there on everything is exact integers.
 * Specification: docs/spec/link.md, "Rules the counters follow", 2 to 4. */
#ifndef CORE_ENERGY_H
#define CORE_ENERGY_H

#include <stdint.h>

#define COUNTERS 16u /* four channels (1, 2, 3, 4) x ai, ae, ri, re */
#define PAIRS 8u     /* four channels x active, reactive */

#define UNIT_nJ 256u
#define UNITS_PER_mWh 14062500u /* 3.6 J / 256 nJ */
#define POT_FULL_units 1406250000 /* 0.1 Wh */
#define CREEP_GATE_mw 25000u   /* at windows of 10 cycles */
#define CREEP_FLOOR_mw 2000u
#define CREEP_JUDGE_us 60000000u

/* Where the energy of a window goes, for each pair (import, export):
 *
 *    P * T --+-- |P| >= gate ------------------------> rest -- each whole mWh --> counter
 *            |                                          ^
 *            +-- |P| < gate --> pot -- at +-0.1 Wh -----+
 *                                |
 *                                +-- mean of 60 s under 2 W --> emptied, counted in `creep`
 */
struct energy {
    uint32_t counter[COUNTERS]; /* mWh, mvarh; wrap at 2^32 */
    uint32_t rest[COUNTERS];    /* units, under one mWh */
    uint32_t base[COUNTERS];    /* the counters as restored at this boot */
    int32_t pot[PAIRS];         /* units */
    int32_t flow[PAIRS];        /* sixteen units: what went to the pot since it was last judged */
    uint16_t since[COUNTERS];   /* mWh counted since the last report */
    uint32_t judged_us;         /* true time since the pots were last judged */
    uint32_t creep;             /* pots emptied */
    uint8_t loaded;             /* bit per pair: a window reached the gate since it was last judged */
    uint16_t pulses;            /* mWh of clamp 1, either way, not yet flashed */
};

/** The creep gate in mW for windows of `cycles` (1..50): 25 W * sqrt(10 / cycles). */
uint32_t energy_gate_mw(uint8_t cycles);

/** Books `power` (mW or mvar, +-134,217,727) that flowed for `true_us` (to 2,000,000) in pair 0..7. */
void energy_flow(struct energy *e, uint8_t pair, int32_t power, uint32_t true_us, uint32_t gate_mw);

/** Lets `true_us` pass for the creep rule, after the flows of that time; empties idle pots every 60 s. */
void energy_judge(struct energy *e, uint32_t true_us);

#endif
