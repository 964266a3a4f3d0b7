/* SPI master of the ATmega328P at 1 MHz: D10 chip select, D11 MOSI, D12 MISO, D13 SCK. A byte is waited for: 8 us.
 * Also the noise for a blank board's id: from A0..A3 left open, since this board has no ADC at work.
 */
#include "spi.h"

#include <avr/io.h>

#include "board-ic.h"

void spi_start(uint8_t mode)
{
    PORTB |= _BV(PORTB2);
    DDRB |= _BV(DDB2) | _BV(DDB3) | _BV(DDB5);
    SPCR = (uint8_t)(_BV(SPE) | _BV(MSTR) | _BV(SPR0) | (mode & 2u ? _BV(CPOL) : 0u) | (mode & 1u ? _BV(CPHA) : 0u));
}

void spi_select(bool low)
{
    if (low) {
        PORTB &= (uint8_t)~_BV(PORTB2);
    } else {
        PORTB |= _BV(PORTB2);
    }
}

uint8_t spi_byte(uint8_t out)
{
    SPDR = out;
    while (!(SPSR & _BV(SPIF))) {
    }
    return SPDR;
}

uint32_t open_noise(void)
{
    uint32_t noise = 2166136261u;
    for (uint16_t n = 0; n < 256u; n++) {
        ADMUX = (uint8_t)(_BV(REFS0) | (n & 3u));
        ADCSRA = (uint8_t)(_BV(ADEN) | _BV(ADSC) | _BV(ADPS2) | _BV(ADPS1));
        while (ADCSRA & _BV(ADSC)) {
        }
        noise = (noise ^ ADCL) * 16777619u;
        noise = (noise ^ ADCH) * 16777619u;
    }
    ADCSRA = 0;
    return noise;
}
