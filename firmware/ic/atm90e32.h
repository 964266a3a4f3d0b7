/* The ATM90E32AS: three phases, forward and reverse energy of each and of their sum, cleared by being read.
 * Names and addresses as in Atmel-46003 (M90E32AS data sheet), "Register".
 * Specification: docs/spec/metering-ics.md. */
#ifndef IC_ATM90E32_H
#define IC_ATM90E32_H

#include "ic.h"

#define ATM90E32_UNITS 125u /* 0.01 CF at 3,200 imp/kWh: 3.125 mWh */

/* All zero at boot: not yet known to be configured. An IC that is found as it was left keeps what it has counted. */
struct atm90e32 {
    uint16_t settings; /* CRC of those it is configured with */
    uint16_t lost;     /* readings that could not be had, wraps */
    uint8_t next;      /* configuration register read back next */
    bool configured;
    uint8_t stale; /* 2: the settings have changed since; 1: they are written, and not yet read back */
};

/** As ic_read of ic.h. */
bool atm90e32_read(struct atm90e32 *ic, struct ic_taken *taken, struct reading *r, const struct settings *s);

/** As ic_refresh of ic.h. */
void atm90e32_refresh(struct atm90e32 *ic, const struct settings *s);

#endif
