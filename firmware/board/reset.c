/* Before main: why the board was reset, the watchdog off, the stack painted; afterwards how deep the paint went.
 *
 */
#include <avr/io.h>
#include <avr/wdt.h>

#include "../core/meter.h"
#include "board.h"

#define PAINT 0xC5u

extern uint8_t _end; /* the linker's: end of the variables, limit of the stack */
extern uint8_t __stack;

static uint8_t cause __attribute__((section(".noinit")));

void early(void) __attribute__((naked, used, section(".init3")));
void early(void)
{
    cause = MCUSR;
    MCUSR = 0;
    wdt_disable();
    for (uint8_t *at = &_end; at < (uint8_t *)SP; at++) {
        *at = PAINT;
    }
}

uint8_t reset_cause(void)
{
    return cause;
}

uint16_t board_stack_free(void)
{
    const uint8_t *at = &_end;
    while (at <= &__stack && *at == PAINT) {
        at++;
    }
    return (uint16_t)(at - &_end);
}
