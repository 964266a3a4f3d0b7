/* The EEPROM: erase and write in one go, 3.4 ms, started here and finished by the hardware.
 * The write must start within four cycles of its permission: interrupts are held off for those.
 */
#include "../core/eeprom.h"

#include <avr/io.h>
#include <util/atomic.h>

bool eeprom_ready(void)
{
    return !(EECR & _BV(EEPE));
}

uint8_t eeprom_read(uint16_t at)
{
    EEAR = at;
    EECR |= _BV(EERE);
    return EEDR;
}

void eeprom_write(uint16_t at, uint8_t byte)
{
    if (eeprom_read(at) == byte) {
        return;
    }
    EEDR = byte;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        EECR = _BV(EEMPE);
        EECR |= _BV(EEPE);
    }
}
