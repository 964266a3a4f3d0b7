/* The serial line: two small rings between the interrupts and the main loop.
 * 38400 baud is a byte each 4,167 cycles; the longest the main loop stays away is a window's arithmetic (README.md).
 */
#include <avr/interrupt.h>
#include <avr/io.h>

#include "../core/link.h"
#include "board.h"

#define BAUD_DIVISOR (16000000 / 16 / 38400)
#define RING 32u /* bytes each way; a power of two */

static uint8_t received[RING];
static volatile uint8_t received_in;
static uint8_t received_out;
static uint8_t sent[RING];
static volatile uint8_t sent_in;
static volatile uint8_t sent_out;

_Static_assert(BAUD_DIVISOR == 26, "0.2 % from 38400 with UBRR = 25");
_Static_assert(FIELD_ROOM < RING, "a field fits the ring");

void uart_start(void)
{
    UBRR0 = BAUD_DIVISOR - 1;
    UCSR0A = 0; /* a boot loader may have left the double speed on */
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
    UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
}

ISR(USART_RX_vect)
{
    const uint8_t byte = UDR0;
    const uint8_t next = (uint8_t)((received_in + 1u) % RING);
    if (next != received_out) {
        received[received_in] = byte;
        received_in = next;
    }
}

ISR(USART_UDRE_vect)
{
    const uint8_t at = sent_out;
    const uint8_t next = (uint8_t)((at + 1u) % RING);
    UDR0 = sent[at];
    sent_out = next;
    if (next == sent_in) {
        UCSR0B &= (uint8_t)~_BV(UDRIE0); /* with the last byte, so that there is always one to send here */
    }
}

int16_t uart_take(void)
{
    if (received_out == received_in) {
        return -1;
    }
    const uint8_t byte = received[received_out];
    received_out = (uint8_t)((received_out + 1u) % RING);
    return byte;
}

uint8_t port_room(void)
{
    return (uint8_t)(((unsigned)sent_out - sent_in - 1u) % RING);
}

void port_put(uint8_t byte)
{
    sent[sent_in] = byte;
    sent_in = (uint8_t)((sent_in + 1u) % RING);
    UCSR0B |= _BV(UDRIE0);
}
