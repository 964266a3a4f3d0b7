/* OpenESME's metering board: the main loop between the interrupts and the core.
 * Sampling goes on in the ADC interrupt (board/adc.c); everything else happens here, a small step a turn, and then sleep.
 */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>
#include <util/atomic.h>

#include "board/board.h"
#include "core/meter.h"

static struct meter meter;

#define OTHERS 73u  /* bytes of variables in board/ */
#define STACK 256u  /* 192 at worst (make size) and 64 of margin */
_Static_assert(sizeof(struct meter) + sizeof(struct sampler) + OTHERS + STACK <= 2048u, "the variables leave room for the stack");

uint16_t board_lost(void)
{
    uint16_t lost = 0;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        lost = sampler.lost;
    }
    return lost;
}

static int8_t level(int16_t bias)
{
    const int16_t steps = (int16_t)((bias + (bias < 0 ? -8 : 8)) / 16);
    return (int8_t)(steps > 120 ? 120 : steps < -120 ? -120 : steps);
}

/** A window that has closed is read and given back. */
static void close_window(void)
{
    if (!sampler.full) {
        return;
    }
    meter_window(&meter, sampler_closed(&sampler), &sampler.filling->start);
    sampler_release(&sampler);
    sampler.level = level(meter.bias);
}

/** What is done once a set, every 224 us. */
static void turn(void)
{
    close_window();
    int16_t byte;
    while (meter_listens(&meter) && (byte = uart_take()) >= 0) {
        meter_byte(&meter, (uint8_t)byte);
    }
    sampler.want = meter.settings.cycles;
    meter_poll(&meter);
    pins_poll(&meter.energy.pulses, meter.exporting);
}

int main(void)
{
    pins_start();
    timer_start();
    uart_start();
    while (!eeprom_ready()) { /* a write outlives a reset by the watchdog or the button */
    }
    const uint32_t noise = store_has_id() ? 0u : adc_noise();
    meter_boot(&meter, noise, reset_cause());
    adc_start(meter.settings.cycles);
    wdt_enable(WDTO_1S);
    SMCR = _BV(SE); /* idle: the timer, the ADC and the line go on */
    sei();
    uint8_t seen = 0;
    for (;;) {
        const uint8_t now = sampler.tap;
        if (now != seen) {
            seen = now;
            wdt_reset(); /* no sets, or no turns, for 1 s: the board is reset */
            turn();
        }
        sleep_cpu();
    }
}
