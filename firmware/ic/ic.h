/* What the meter knows of a metering IC, whichever it is: the energy it has counted, a reading, and whether they could be had.
 *
 *    energy registers --> driver --> taken.flown --> energy.c --> counters        (the rest of core/ is the clamp board's)
 *    power registers  --> driver --> reading -----> power.c --> the P line
 *
 * Specification: docs/spec/metering-ics.md. */
#ifndef IC_IC_H
#define IC_IC_H

#include "../core/meter.h"

#define IC_UNITS_PER_mWh 40u /* 3.125 mWh of an ATM90E32AS are 125, 0.05 mWh of an ADE7953 are 2 */
#define IC_GAIN_NEUTRAL 1000000 /* K's gain where the parts are as the README says */
#define CYCLE_us 20000u

/* What an IC has counted and the meter has not yet booked. It outlives a window that could not be read to its end. */
struct ic_taken {
    uint32_t flown[COUNTERS]; /* units, in the order of the counters */
    uint32_t span_us;         /* in how long, true time; goes on where a window could not be read */
};
extern struct ic_taken ic_taken; /* energy.c */

/** Adds a signed energy (units) to pair 0..7 of `taken`, to import if positive, else to export. */
void ic_take_net(struct ic_taken *taken, uint8_t pair, int32_t units);

/** The settings of an IC that nobody has calibrated. */
void ic_settings_default(struct settings *s);

/** CRC-16 over what K, W and S have set: tells when the IC must be configured again. */
uint16_t ic_settings_crc(const struct settings *s);

/** After meter_boot: the default settings, unless the EEPROM held others. */
void ic_boot(struct meter *m);

/** Lets `board_us` (to 2,000,000) of board time pass and reads the IC; false where it cannot be read: the window goes on. Only
 *  when the reading before has been booked (reading_us is 0). */
bool ic_window(struct meter *m, uint32_t board_us);

/** Reads the IC: energies are added to `taken`, `r` is filled (but for the sum). False when it could not be read to the end.
 *  Supplied by the image's driver. */
bool ic_read(struct ic_taken *taken, struct reading *r, const struct settings *s);

/** Configures the IC anew when a window was read with settings that have changed since, in two turns of its own: the line is not
 *  kept waiting. Supplied by the image as well. */
void ic_refresh(const struct settings *s);

#endif
