/* The bus to a metering IC, as the drivers see it: two functions that the board supplies (and the tests, with faults in them).
 * One IC, one chip select; most significant bit first.
 */
#ifndef IC_SPI_H
#define IC_SPI_H

#include <stdbool.h>
#include <stdint.h>

/** Takes the chip select low (true) or high again. */
void spi_select(bool low);

/** Sends a byte and brings back the one that came meanwhile. */
uint8_t spi_byte(uint8_t out);

#endif
