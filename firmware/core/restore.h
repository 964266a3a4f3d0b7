/* Reading the EEPROM back at boot. Shared by restore.c and the writer in store.c.
 *
 */
#ifndef CORE_RESTORE_H
#define CORE_RESTORE_H

#include "store.h"

/** Byte 0 of a delta of counter k in a page of this sequence. */
uint8_t delta_head(uint32_t sequence, uint8_t k);

/** Byte 1 of the delta at this index (0..183) whose byte 0 is `head`. */
uint8_t delta_check(uint32_t sequence, uint8_t index, uint8_t head);

/** Whether the delta at this index would be believed in a page of this sequence. */
bool delta_valid(uint8_t page, uint32_t sequence, uint8_t index);

/** Whether its first byte alone is one that a page of this sequence writes: a torn second byte could then make it valid. */
bool delta_in_phase(uint8_t page, uint32_t sequence, uint8_t index);

/** The counters of the newest page; false when neither page is valid. */
bool restore_counters(uint32_t counter[COUNTERS], uint8_t *page, uint32_t *sequence);

/** The settings of the newest valid slot and its sequence; the slot, or SLOT_DEFAULT. */
uint8_t restore_settings(struct settings *settings, uint16_t *sequence);

/** The board's id; 0 when there is none. */
uint32_t restore_id(void);

#endif
