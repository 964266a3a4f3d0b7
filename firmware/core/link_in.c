/* Commands from bytes. Total: any bytes give a command, a named fault or nothing.
 * A line is judged at its LF, in this order: too long, CRC; its letter and form are for commands.c.
 */
#include <string.h>

#include "crc.h"
#include "link.h"

static void restart(struct link_in *in)
{
    memset(in, 0, sizeof *in);
    in->crc = CRC16_START;
}

static void digit_byte(uint8_t *kind, uint32_t *value, uint8_t digit)
{
    switch (*kind) {
    case FIELD_EMPTY:
        *kind = FIELD_PLUS;
        break;
    case FIELD_SIGN:
        *kind = FIELD_MINUS;
        break;
    case FIELD_PLUS:
    case FIELD_MINUS:
        break;
    case FIELD_POINT:
        *kind = FIELD_VERSION;
        return;
    default:
        return;
    }
    if (*value > (UINT32_MAX - digit) / 10u) {
        *kind = FIELD_HUGE;
        return;
    }
    *value = *value * 10u + digit;
}

static void number_byte(struct command *c, uint8_t n, uint8_t byte)
{
    if (n >= LINK_FIELDS) {
        return;
    }
    uint8_t *kind = &c->kind[n];
    if (byte >= '0' && byte <= '9') {
        digit_byte(kind, &c->value[n], (uint8_t)(byte - '0'));
    } else if (byte == '-' && *kind == FIELD_EMPTY) {
        *kind = FIELD_SIGN;
    } else if (byte == '.' && *kind == FIELD_PLUS) {
        *kind = FIELD_POINT;
    } else {
        *kind = FIELD_WRONG;
    }
}

static void body_byte(struct link_in *in, uint8_t byte)
{
    if (in->part == LINK_NONE) {
        in->command.letter = byte;
        in->part = LINK_LETTER;
    } else if (byte == ' ') {
        in->field = in->part == LINK_LETTER ? 0u : (uint8_t)(in->field + 1u);
        in->part = LINK_NUMBER;
        if (in->field < LINK_FIELDS) {
            in->command.kind[in->field] = FIELD_EMPTY;
        }
    } else if (in->part == LINK_LETTER) {
        in->command.letter = 0; /* more than one letter is none */
    } else {
        number_byte(&in->command, in->field, byte);
    }
}

static void crc_byte(struct link_in *in, uint8_t byte)
{
    uint8_t digit = (uint8_t)(byte - '0');
    if (byte >= 'A' && byte <= 'F') {
        digit = (uint8_t)(byte - 'A' + 10);
    } else if (digit > 9u) {
        in->part = LINK_BROKEN;
    }
    in->crc = (uint16_t)((in->crc << 4 | in->crc >> 12) ^ digit);
    in->digits++;
    if (in->digits == 4u && in->part == LINK_CRC) {
        in->part = LINK_END;
    }
}

enum link_event link_byte(struct link_in *in, uint8_t byte)
{
    if (in->length == 0u) {
        restart(in);
    }
    if (in->length < UINT8_MAX) {
        in->length++;
    }
    if (byte == '\n') {
        const bool empty = in->length == 1u || (in->length == 2u && in->part == LINK_BROKEN);
        const bool too_long = in->length > LINK_LONGEST;
        const bool good = in->part == LINK_END && in->crc == 0u;
        in->length = 0;
        return empty ? LINK_MORE : too_long ? LINK_TOO_LONG : good ? LINK_COMMAND : LINK_BAD_CRC;
    }
    if (in->part == LINK_CRC) {
        crc_byte(in, byte);
    } else if (in->part == LINK_END || in->part == LINK_BROKEN) {
        in->part = in->part == LINK_END && byte == '\r' ? LINK_END : LINK_BROKEN;
    } else if (byte == '*' && in->part != LINK_NONE) {
        in->part = LINK_CRC;
    } else if (byte == '\r') {
        in->part = LINK_BROKEN;
    } else {
        in->crc = crc16(in->crc, byte);
        body_byte(in, byte);
    }
    return LINK_MORE;
}

bool link_numbers(const struct command *c, uint8_t count)
{
    for (uint8_t n = 0; n < count; n++) {
        const uint8_t kind = c->kind[n];
        if (kind != FIELD_PLUS && kind != FIELD_MINUS && kind != FIELD_HUGE) {
            return false;
        }
    }
    return true;
}

bool link_unsigned(const struct command *c, uint8_t n, uint32_t *value)
{
    *value = c->value[n];
    return c->kind[n] == FIELD_PLUS;
}

bool link_signed(const struct command *c, uint8_t n, int32_t *value)
{
    const uint32_t size = c->value[n];
    if (c->kind[n] == FIELD_HUGE || size > (uint32_t)INT32_MAX) {
        return false;
    }
    *value = c->kind[n] == FIELD_MINUS ? -(int32_t)size : (int32_t)size;
    return true;
}
