/* The link's words in flash, and the build's hash.
 *
 */
#include "../core/words.h"

#include <avr/pgmspace.h>

#include "../core/meter.h"

#define WORD_TEXT(name, text) text "\0"
static const char texts[] PROGMEM = WORDS(WORD_TEXT);

char word_char(uint8_t word, uint8_t at)
{
    const char *c = texts;
    while (word > 0u) {
        word = (uint8_t)(word - (pgm_read_byte(c) == 0u));
        c++;
    }
    return (char)pgm_read_byte(c + at);
}

uint32_t board_build(void)
{
    return BUILD_HASH;
}
