/* The ATmega328P of a metering-IC board: what it has beside board/board.h, and the main loop that both images share.
 * Pins: D10 chip select, D11 MOSI, D12 MISO, D13 SCK; D0/D1 serial line, D4 window sync, D5 1000 imp/kWh of channel 1, D6 export.
 */
#ifndef IC_BOARD_IC_H
#define IC_BOARD_IC_H

#include "ic.h"

/** spi.c: `mode` as usual: bit 1 the clock's rest, bit 0 its phase. */
void spi_start(uint8_t mode);
/** spi.c: mixes the lowest bits of some conversions of open inputs. About 16 ms. */
uint32_t open_noise(void);

/** loop.c: the meter at work, for ever. */
void ic_run(uint8_t spi_mode);

#endif
