/* Timer1 counts 4 us ticks; nothing interrupts, the sampler sees every wrap because it looks each 224 us.
 *
 */
#include <avr/io.h>
#include <util/atomic.h>

#include "board.h"

void timer_start(void)
{
    TCCR1A = 0;
    TCCR1B = _BV(CS11) | _BV(CS10);
}

uint16_t timer_tick(void)
{
    uint16_t tick = 0;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        tick = TCNT1; /* its two halves share a latch with the reading in the interrupt */
    }
    return tick;
}
