/* The board under the core, on a PC: an EEPROM whose power can be cut at any write, a serial line that is a string.
 * Include it once in each test program.
 */
#ifndef TEST_FAKE_BOARD_H
#define TEST_FAKE_BOARD_H

#include <string.h>

#include "core/meter.h"
#include "core/words.h"

static uint8_t cells[EEPROM_SIZE];
static uint32_t wear[EEPROM_SIZE];
static long cut_after = -1; /* writes that still succeed; -1 = no cut */
static bool powered = true;
static uint8_t torn;        /* what the cell holds at which the power went */

bool eeprom_ready(void)
{
    return powered;
}

uint8_t eeprom_read(uint16_t at)
{
    return cells[at];
}

void eeprom_write(uint16_t at, uint8_t byte)
{
    if (cells[at] == byte) {
        return;
    }
    wear[at]++;
    if (cut_after == 0) {
        powered = false;
        cells[at] = torn;
        return;
    }
    if (cut_after > 0) {
        cut_after--;
    }
    cells[at] = byte;
}

static char said[65536];
static size_t said_length;

uint8_t port_room(void)
{
    return 200;
}

void port_put(uint8_t byte)
{
    if (said_length < sizeof said - 1u) {
        said[said_length++] = (char)byte;
        said[said_length] = 0;
    }
}

#define WORD_STRING(name, text) text,
static const char *const strings[] = {WORDS(WORD_STRING)};

char word_char(uint8_t word, uint8_t at)
{
    return strings[word][at];
}

uint16_t board_stack_free(void)
{
    return 98;
}

uint16_t board_lost(void)
{
    return 0;
}

uint32_t board_build(void)
{
    return 0x0123abcdu;
}

static inline void blank_eeprom(void)
{
    memset(cells, 0xFF, sizeof cells);
    memset(wear, 0, sizeof wear);
    cut_after = -1;
    powered = true;
}

/** Lets a meter do whatever it has to do: lines, EEPROM. */
static inline void settle(struct meter *m)
{
    for (int n = 0; n < 4000; n++) {
        meter_poll(m);
    }
}

/** Gives a meter these bytes and lets it answer; what it said since is in `said`. */
static inline void tell(struct meter *m, const char *bytes)
{
    said_length = 0;
    said[0] = 0;
    for (; *bytes != 0; bytes++) {
        for (int n = 0; !meter_listens(m) && n < 100; n++) {
            meter_poll(m);
        }
        meter_byte(m, (uint8_t)*bytes);
    }
    settle(m);
}

#endif
