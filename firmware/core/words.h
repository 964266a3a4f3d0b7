/* The fixed words of the link, as a list, so that the board can keep them in flash and a PC anywhere.
 * Each row: name, text. Specification: docs/spec/link.md, "Host to board".
 */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

#include <stdint.h>

#define FIRMWARE_VERSION "0.2.0"
#define LINK_VERSION "1.1"
#define LINK_MAJOR 1u

#define WORDS(ROW)                      \
    ROW(CRC, "crc")                     \
    ROW(LONG, "long")                   \
    ROW(FORM, "form")                   \
    ROW(RANGE, "range")                 \
    ROW(VERSION, "version")             \
    ROW(UTC, "utc")                     \
    ROW(BUSY, "busy")                   \
    ROW(LINK, LINK_VERSION)             \
    ROW(FIRMWARE, FIRMWARE_VERSION)     \
    ROW(KINDS, "v,ct,ct,ct,sum")        \
    ROW(RING, "ring")                   \
    ROW(CAPS, ",sum,led,wd,slope")

#define WORD_NAME(name, text) WORD_##name,
enum word { WORDS(WORD_NAME) WORD_COUNT };

/** Character `at` of a word, 0 at its end. Supplied by the board. */
char word_char(uint8_t word, uint8_t at);

#endif
