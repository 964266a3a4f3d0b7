/* The two lights and the sync pin. D5 flashes for every Wh of clamp 1 in either direction, 40 ms lit and at least 40 ms dark, so
 * up to 45 kW; D6 is lit while clamp 1 exports 25 W or more. D4 toggles in the ADC interrupt (adc.c).
 */
#include <avr/io.h>

#include "board.h"

#define PULSE_mwh 1000u
#define PULSE_ticks 10000u

static uint16_t since;
static uint8_t flashing; /* 2 lit, 1 dark, 0 free */

void pins_start(void)
{
    DDRD = _BV(DDD4) | _BV(DDD5) | _BV(DDD6);
}

void pins_poll(uint16_t *pulses_mwh, bool exporting)
{
    const uint16_t now = timer_tick();
    if (flashing != 0u) {
        if ((uint16_t)(now - since) >= PULSE_ticks) {
            since = now;
            flashing--;
            PORTD &= (uint8_t)~_BV(PORTD5);
        }
    } else if (*pulses_mwh >= PULSE_mwh) {
        *pulses_mwh = (uint16_t)(*pulses_mwh - PULSE_mwh);
        since = now;
        flashing = 2;
        PORTD |= _BV(PORTD5);
    }
    if (exporting) {
        PORTD |= _BV(PORTD6);
    } else {
        PORTD &= (uint8_t)~_BV(PORTD6);
    }
}
