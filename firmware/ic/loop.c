/* The main loop of a board with a metering IC: woken each millisecond, a small step a turn, a window read when its time is over.
 *
 */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

#include "../board/board.h"
#include "board-ic.h"

#define TURN_ticks 250u /* 1 ms */

static struct meter meter;
static uint32_t window_ticks; /* since the last reading, or the last attempt at one */
static uint16_t seen;

#define OTHERS 128u /* bytes of variables in board/ and the driver */
#define STACK 240u  /* 175 at worst (make size) and 64 of margin */
_Static_assert(sizeof(struct meter) + sizeof(struct ic_taken) + OTHERS + STACK <= 2048u, "the variables leave room for the stack");

ISR(TIMER1_COMPA_vect)
{
    OCR1A = (uint16_t)(OCR1A + TURN_ticks);
}

/** The window whose time is over is read, where the IC can be; new settings go to the IC a turn later. */
static void close_window(void)
{
    const uint16_t now = timer_tick();
    window_ticks += (uint16_t)(now - seen);
    seen = now;
    if (window_ticks < meter.settings.cycles * (uint32_t)(CYCLE_us / TICK_us) || meter.reading_us != 0u) {
        ic_refresh(&meter.settings);
        return;
    }
    const uint32_t board_us = window_ticks * TICK_us;
    window_ticks = 0;
    if (ic_window(&meter, board_us)) {
        PIND = _BV(PIND4);
    }
}

static void turn(void)
{
    close_window();
    int16_t byte;
    while (meter_listens(&meter) && (byte = uart_take()) >= 0) {
        meter_byte(&meter, (uint8_t)byte);
    }
    meter_poll(&meter);
    pins_poll(&meter.energy.pulses, meter.exporting);
}

void ic_run(uint8_t spi_mode)
{
    pins_start();
    spi_start(spi_mode);
    timer_start();
    uart_start();
    while (!eeprom_ready()) { /* a write outlives a reset by the watchdog or the button */
    }
    const uint32_t noise = store_has_id() ? 0u : open_noise();
    meter_boot(&meter, noise, reset_cause());
    ic_boot(&meter);
    OCR1A = (uint16_t)(timer_tick() + TURN_ticks);
    TIMSK1 = _BV(OCIE1A);
    wdt_enable(WDTO_1S);
    SMCR = _BV(SE); /* idle: the timer and the line go on */
    seen = timer_tick();
    sei();
    for (;;) {
        wdt_reset();
        turn();
        sleep_cpu();
    }
}
