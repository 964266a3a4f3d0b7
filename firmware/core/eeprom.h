/* The EEPROM as the core sees it: three functions the board supplies (and the tests, with a power cut in any of them).
 * A write takes 3.4 ms; nobody waits for it, everybody asks eeprom_ready() first.
 */
#ifndef CORE_EEPROM_H
#define CORE_EEPROM_H

#include <stdbool.h>
#include <stdint.h>

#define EEPROM_SIZE 1024u

/** Whether the last write is over. Only then may one of the other two be called. */
bool eeprom_ready(void);

/** The byte at 0..1023. */
uint8_t eeprom_read(uint16_t at);

/** Begins to write a byte; a byte that is there already costs no write. */
void eeprom_write(uint16_t at, uint8_t byte);

#endif
