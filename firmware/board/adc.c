/* The ADC: AVcc as reference, clock /64, each conversion started from the interrupt of the one before.
 * A conversion takes 13 ADC clocks (832 cycles) and the interrupt 70 to 80 cycles until it has started the next: about 57 us, some
 * 4,390 sets a second. On silicon a start waits for the next ADC clock: 896 or 960 cycles, 4,464 or 4,167 sets a second.
 */
#include <avr/interrupt.h>
#include <avr/io.h>

#include "board.h"

#define REFERENCE ((uint8_t)_BV(REFS0))
#define CONVERT ((uint8_t)(_BV(ADEN) | _BV(ADSC) | _BV(ADIE) | _BV(ADPS2) | _BV(ADPS1)))

struct sampler sampler;
static uint8_t channel;

ISR(ADC_vect)
{
    const uint16_t raw = ADC;
    const uint8_t done = channel;
    const uint8_t next = (uint8_t)((done + 1u) & 3u);
    ADMUX = REFERENCE | next;
    ADCSRA = CONVERT;
    channel = next;
    if (done != 0u) {
        sampler_clamp(&sampler, (uint8_t)(done - 1u), raw);
    } else if (sampler_voltage(&sampler, raw, TCNT1)) {
        PIND = _BV(PIND4);
    }
}

uint32_t adc_noise(void)
{
    uint32_t noise = 2166136261u;
    for (uint16_t n = 0; n < 256u; n++) {
        ADMUX = (uint8_t)(REFERENCE | (n & 3u));
        ADCSRA = CONVERT & (uint8_t)~_BV(ADIE);
        while (ADCSRA & _BV(ADSC)) {
        }
        noise = (noise ^ ADCL) * 16777619u;
        noise = (noise ^ ADCH) * 16777619u;
    }
    return noise;
}

void adc_start(uint8_t cycles)
{
    sampler_start(&sampler, cycles, TCNT1);
    channel = 0;
    DIDR0 = _BV(ADC0D) | _BV(ADC1D) | _BV(ADC2D) | _BV(ADC3D);
    ADMUX = REFERENCE;
    ADCSRA = CONVERT | _BV(ADIF); /* clears what adc_noise left: it would be taken for the first voltage */
}
