/* What a host may set and have kept: the calibration of the four channels, the window, the clamp set.
 * Also its image in one of the two EEPROM slots, byte by byte, so that no buffer is needed for it.
 * Specification: docs/spec/link.md, commands K, W, S, Y and "Power cuts". */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#define CHANNELS 4u /* 0 the voltage, 1..3 the clamps */
#define SUM_CHANNEL 4u

#define GAIN_LIMIT 2000000 /* uV or uA per ADC step */
#define PHASE_LIMIT 30000  /* 0.001 degree */
#define OFFSET_LIMIT 30000 /* mW, mvar */
#define SLOPE_LIMIT 3000   /* 0.001 degree an octave */

#define DEFAULT_VOLT_GAIN_uv 800000 /* 230 V rms swings +-407 of +-512 steps */
#define DEFAULT_CLAMP_GAIN_ua 295928 /* 5 V / 1024 / 33 ohm * 2000 turns */

struct calibration {
    int32_t gain;  /* mains uV (channel 0) or uA per ADC step, negative = turned round, never 0 */
    int16_t phase; /* 0.001 degree by which the sensor leads the mains, a clamp at 5 A */
    int16_t poff;  /* mW at 230 V subtracted from each window's P, as the square of its voltage; 0 for channel 0 */
    int16_t qoff;  /* mvar, likewise */
};

struct settings {
    struct calibration channel[CHANNELS];
    int16_t slope[CHANNELS - 1u]; /* by how much further a clamp leads for each octave of its current over 5 A, 0.001 degree */
    uint8_t cycles; /* a window, 1..50 */
    uint8_t mask;   /* clamp set of channel 4, 1..7: bit 0 = clamp 1 */
};

/* The image in a slot, least significant byte first:
 *
 *   0        1..2       3..12      13..22  23..32  33..42  43      44    45..50           51..52
 *   version  sequence   channel 0  1       2       3       cycles  mask  slopes 1, 2, 3   CRC-16 of 0..50
 *                       gain 4, phase 2, poff 2, qoff 2                  2 each
 *
 * In version 1, which firmware 0.1.0 wrote, there are no slopes and the CRC follows the clamp set: it is still read.
 */
#define SETTINGS_VERSION 2u
#define SETTINGS_BODY 51u
#define SETTINGS_IMAGE 53u
#define SETTINGS_PLAIN_VERSION 1u
#define SETTINGS_PLAIN_BODY 45u

/** The settings of a board nobody has calibrated. */
void settings_default(struct settings *s);

/** Whether every value is in its range. */
bool settings_valid(const struct settings *s);

/** Byte `at` (0..50) of the image of `s` with this sequence. */
uint8_t settings_byte(const struct settings *s, uint16_t sequence, uint8_t at);

/** Puts byte `at` (3..50) of an image back into `s`. */
void settings_put(struct settings *s, uint8_t at, uint8_t byte);

#endif
