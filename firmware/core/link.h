/* The line codec: a command parsed byte by byte as it comes, a line written field by field as there is room.
 * Neither holds a line: the CRC runs along, numbers are turned on the fly.
 * Specification: docs/spec/link.md, "A line". */
#ifndef CORE_LINK_H
#define CORE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#define LINK_FIELDS 6u   /* the most a command has; more are ignored */
#define LINK_LONGEST 64u /* bytes of a command, with the LF */
#define LINK_BOARD_LONGEST 160u

/* Which part of a line comes next:
 *
 *    R 41 41200 ...*5C1E\r\n
 *    ^ ^           ^    ^
 *    | NUMBER      CRC  END         NONE: nothing yet
 *    LETTER behind it
 */
enum link_part { LINK_NONE, LINK_LETTER, LINK_NUMBER, LINK_CRC, LINK_END, LINK_BROKEN };

/* What a field turned out to be. */
enum link_kind {
    FIELD_ABSENT,
    FIELD_EMPTY,
    FIELD_SIGN, /* "-" so far */
    FIELD_PLUS,
    FIELD_MINUS,
    FIELD_POINT, /* "1." so far */
    FIELD_VERSION,
    FIELD_HUGE, /* beyond 32 bits */
    FIELD_WRONG
};

struct command {
    uint32_t value[LINK_FIELDS]; /* magnitude; of a version the major */
    uint8_t kind[LINK_FIELDS];   /* enum link_kind */
    uint8_t letter;
};

struct link_in {
    struct command command;
    uint16_t crc; /* over the line so far; behind '*' what is left of it when the told digits are taken out: 0 when they agree */
    uint8_t part;
    uint8_t field;
    uint8_t length; /* bytes so far, stops at 255 */
    uint8_t digits; /* of the CRC */
};

/* What became of a byte. */
enum link_event { LINK_MORE, LINK_COMMAND, LINK_BAD_CRC, LINK_TOO_LONG };

/** Takes one byte. At LINK_COMMAND, in->command is what was said (its form not yet judged). */
enum link_event link_byte(struct link_in *in, uint8_t byte);

/** Whether fields 0..count-1 are there and are numbers, of whatever size. */
bool link_numbers(const struct command *c, uint8_t count);

/** Field `n` (0..5), a number, as an unsigned one; false when it is out of range. */
bool link_unsigned(const struct command *c, uint8_t n, uint32_t *value);

/** Field `n` a number, as a signed one; false when it is out of range. */
bool link_signed(const struct command *c, uint8_t n, int32_t *value);

/** Room for bytes to send (0..255), and one of them. Supplied by the board. */
uint8_t port_room(void);
void port_put(uint8_t byte);

#define FIELD_ROOM 24u /* a space and the longest field, "ring25,sum,led,wd,slope" */

struct link_out {
    uint16_t crc;
};

void out_letter(struct link_out *o, char letter);
void out_unsigned(struct link_out *o, uint32_t value);
void out_signed(struct link_out *o, int32_t value);
/** Eight lower-case hex digits. */
void out_hex(struct link_out *o, uint32_t value);
/** A word of words.h. */
void out_word(struct link_out *o, uint8_t word);
/** "ringN,sum,led,wd,slope" with N = half_hours. */
void out_caps(struct link_out *o, uint8_t half_hours);
/** One letter as a field. */
void out_name(struct link_out *o, char letter);
/** The CRC and the LF. */
void out_end(struct link_out *o);

#endif
