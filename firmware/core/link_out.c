/* Lines to bytes, a field at a time; the caller has seen that there is room for FIELD_ROOM of them.
 *
 */
#include "crc.h"
#include "link.h"
#include "words.h"

static void put(struct link_out *o, char c)
{
    o->crc = crc16(o->crc, (uint8_t)c);
    port_put((uint8_t)c);
}

static char hex_digit(uint8_t nibble, char ten)
{
    return nibble < 10u ? (char)('0' + nibble) : (char)(ten + (nibble - 10));
}

static void put_number(struct link_out *o, uint32_t value)
{
    char digits[10];
    uint8_t n = 0;
    do {
        digits[n++] = (char)('0' + value % 10u);
        value /= 10u;
    } while (value != 0u);
    while (n-- > 0u) {
        put(o, digits[n]);
    }
}

static void put_word(struct link_out *o, uint8_t word)
{
    char c;
    for (uint8_t at = 0; (c = word_char(word, at)) != 0; at++) {
        put(o, c);
    }
}

void out_letter(struct link_out *o, char letter)
{
    o->crc = CRC16_START;
    put(o, letter);
}

void out_name(struct link_out *o, char letter)
{
    put(o, ' ');
    put(o, letter);
}

void out_unsigned(struct link_out *o, uint32_t value)
{
    put(o, ' ');
    put_number(o, value);
}

void out_signed(struct link_out *o, int32_t value)
{
    put(o, ' ');
    if (value < 0) {
        put(o, '-');
    }
    put_number(o, value < 0 ? 0u - (uint32_t)value : (uint32_t)value);
}

void out_hex(struct link_out *o, uint32_t value)
{
    put(o, ' ');
    for (uint8_t n = 0; n < 8u; n++) {
        put(o, hex_digit((uint8_t)(value >> 28), 'a'));
        value <<= 4;
    }
}

void out_word(struct link_out *o, uint8_t word)
{
    put(o, ' ');
    put_word(o, word);
}

void out_caps(struct link_out *o, uint8_t half_hours)
{
    out_word(o, WORD_RING);
    put_number(o, half_hours);
    put_word(o, WORD_CAPS);
}

void out_end(struct link_out *o)
{
    uint16_t crc = o->crc;
    port_put('*');
    for (uint8_t n = 0; n < 4u; n++) {
        port_put((uint8_t)hex_digit((uint8_t)(crc >> 12), 'A'));
        crc = (uint16_t)(crc << 4);
    }
    port_put('\n');
}
