/* The ADE7953: one voltage, two current channels, a signed energy accumulator of each, cleared by being read.
 * Names and addresses as in the ADE7953 data sheet Rev. B, tables 13 to 16.
 * Specification: docs/spec/metering-ics.md. */
#ifndef IC_ADE7953_H
#define IC_ADE7953_H

#include "ic.h"

#define ADE7953_UNITS 2 /* 206,900 counts a second at 37,242 W: 0.05 mWh each */
#define ADE7953_CURRENTS 2u

/* All zero at boot: not yet known to be configured. An IC that is found as it was left keeps what it has counted. */
struct ade7953 {
    int32_t rest_nj[2u * ADE7953_CURRENTS]; /* of the offsets subtracted */
    uint32_t forgotten_us;                  /* of the time that has been taken: what was counted in it was thrown away */
    uint16_t settings;                      /* CRC of those it is configured with */
    uint16_t lost;                          /* readings that could not be had, wraps */
    uint8_t next;                           /* configuration register read back next */
    bool configured;
    uint8_t stale; /* 2: the settings have changed since; 1: they are written, and not yet read back */
};

/** As ic_read of ic.h. */
bool ade7953_read(struct ade7953 *ic, struct ic_taken *taken, struct reading *r, const struct settings *s);

/** As ic_refresh of ic.h. */
void ade7953_refresh(struct ade7953 *ic, const struct settings *s);

#endif
