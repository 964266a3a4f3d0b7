/* The link's words in flash as board/words.c has them, but for what such a board is: IC_KINDS, of the image, and `ic`.
 *
 */
#include "../core/words.h"

#include <avr/pgmspace.h>

#include "../core/link.h"
#include "../core/meter.h"

#define WORD_TEXT(name, text) text "\0"
static const char texts[] PROGMEM = WORDS(WORD_TEXT);
static const char kinds[] PROGMEM = IC_KINDS;
static const char caps[] PROGMEM = ",sum,led,wd,ic";

_Static_assert(sizeof kinds <= FIELD_ROOM && sizeof "ring25" + sizeof caps <= FIELD_ROOM, "a field fits the line's ring");

static const char *text_of(uint8_t word)
{
    if (word == WORD_KINDS) {
        return kinds;
    }
    if (word == WORD_CAPS) {
        return caps;
    }
    const char *c = texts;
    while (word > 0u) {
        word = (uint8_t)(word - (pgm_read_byte(c) == 0u));
        c++;
    }
    return c;
}

char word_char(uint8_t word, uint8_t at)
{
    return (char)pgm_read_byte(text_of(word) + at);
}

uint32_t board_build(void)
{
    return BUILD_HASH;
}
