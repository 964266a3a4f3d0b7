/* What survives a power cut: the counters in a wear-levelled ring of two pages, the settings in two slots, the board's id.
 * One job at a time, one byte at a time, polled from the main loop; a cut at any byte leaves an older state that is valid.
 * Specification: docs/spec/link.md, "Power cuts: the EEPROM". */
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "eeprom.h"
#include "energy.h"
#include "settings.h"

#define ID_AT 0u
#define SLOT_AT(slot) (16u + 64u * (slot))
#define PAGE_AT(page) (144u + 440u * (page))
#define PAGE_SIZE 440u
#define SNAPSHOT_SIZE 72u
#define CRC_AT 68u
#define MARK_AT 70u
#define SNAPSHOT_MARK 0x5Au
#define DELTAS ((PAGE_SIZE - SNAPSHOT_SIZE) / 2u)
#define DELTA_SHIFT 14u /* a delta stands for 2^14 mWh = 16.384 Wh */
#define SLOT_DEFAULT 2u

_Static_assert(PAGE_AT(1u) + PAGE_SIZE == EEPROM_SIZE, "the pages fill the EEPROM");
_Static_assert(SLOT_AT(1u) + 64u == PAGE_AT(0u) && SETTINGS_IMAGE <= 64u, "a slot has 64 bytes");
_Static_assert(DELTAS == 184u, "the life in link.md is computed from 184 deltas a page");
/* 184 deltas * 2 pages * 100,000 writes of 16.384 Wh, against 10 years at 60 kWh a day over all counters */
_Static_assert(2ull * DELTAS * 100000u * 16384u / 1000000u > 3653ull * 60u, "the EEPROM lives for ten years");

/* A page:
 *
 *   0..3      4..67                68..69        70     71   72..73   74..75       438..439
 *   sequence  16 counters, 4 each  CRC of 0..67  mark   -    delta 0  delta 1 ...  delta 183
 *   (all least significant byte first)           = low byte of the sequence ^ 0x5A, written last
 *
 * A delta: byte 0 = counter (bits 7..4), sequence / 2 mod 8 (bits 3..1), 0; byte 1 = CRC-8 of byte 0, index, low byte of the
 * sequence. Byte 1 is written first, so a torn byte never makes a delta of what was there before.
 */
enum store_job { STORE_IDLE, STORE_ID, STORE_SWEEP, STORE_SNAPSHOT, STORE_DELTA, STORE_SETTINGS };

struct store {
    uint32_t sequence;        /* of the page in use, or being written */
    uint32_t latched;         /* the counter, or id, under way */
    uint32_t id;
    uint32_t boot;            /* sequence of the boot's own snapshot: never used before */
    uint16_t crc;
    uint16_t records;         /* snapshots and deltas completed since boot */
    uint16_t slot_sequence;   /* of the settings in force */
    uint8_t mirror[COUNTERS]; /* low byte of each counter >> 14 as the EEPROM has it */
    uint8_t job;
    uint8_t at;               /* byte or delta under way in the job */
    uint8_t page;
    uint8_t index;            /* next delta, 0..184 */
    uint8_t next;             /* counter looked at next; in a delta the one it tells of */
    uint8_t slot;             /* with the settings in force; SLOT_DEFAULT when neither is valid */
    bool ready;               /* the boot's own snapshot is complete */
    bool keep;                /* settings wait to be written */
};

/** Reads the counters and the settings back and begins the boot's snapshot. `noise` becomes the id of a blank board. */
void store_boot(struct store *s, uint32_t counter[COUNTERS], struct settings *settings, uint32_t noise);

/** Whether a valid id is there. */
bool store_has_id(void);

/** Does the next byte of whatever is to be written; returns at once. */
void store_poll(struct store *s, const uint32_t counter[COUNTERS], const struct settings *settings);

/** Asks for the settings to be kept in the spare slot; until `keep` is false again they may not change. */
void store_keep(struct store *s);

#endif
