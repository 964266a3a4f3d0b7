/* The ATmega328P at 16 MHz as main.c sees it. One peripheral, one file; registers are named as in its datasheet (DS40002061).
 * Pins: A0 voltage, A1..A3 clamps, D0/D1 serial line, D4 window sync, D5 1000 imp/kWh of clamp 1, D6 clamp 1 exports.
 * D10..D13 stay free for SPI, A4/A5 for a two-wire bus. */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "../core/sampler.h"

/** adc.c: mixes the lowest bits of some conversions; call before adc_start. About 16 ms. */
uint32_t adc_noise(void);
/** adc.c: starts sampling, for ever. */
void adc_start(uint8_t cycles);
extern struct sampler sampler;

/** timer.c: Timer1, 4 us a tick. */
void timer_start(void);
/** timer.c: the tick now, wraps every 262 ms. */
uint16_t timer_tick(void);

/** uart.c: 38400 baud 8N1. */
void uart_start(void);
/** uart.c: the next byte received, or -1. */
int16_t uart_take(void);

/** pins.c */
void pins_start(void);
/** pins.c: flashes once for every 1000 of *pulses_mwh, which it takes off; `exporting` lights the other. */
void pins_poll(uint16_t *pulses_mwh, bool exporting);

/** reset.c: the MCUSR as it was at boot. */
uint8_t reset_cause(void);

#endif
