/* Reading the EEPROM back: the newest snapshot that is whole, and its deltas up to the first that is not.
 * Nothing here writes. Total: any 1,024 bytes give a state.
 */
#include "restore.h"

#include "crc.h"

static uint32_t word_at(uint16_t at)
{
    uint32_t word = 0;
    for (uint8_t n = 4; n-- > 0u;) {
        word = word << 8 | eeprom_read((uint16_t)(at + n));
    }
    return word;
}

/** Whether the CRC-16 over `size` bytes follows them. */
static bool crc_holds(uint16_t at, uint8_t size)
{
    uint16_t crc = CRC16_START;
    for (uint8_t n = 0; n < size; n++) {
        crc = crc16(crc, eeprom_read((uint16_t)(at + n)));
    }
    return eeprom_read((uint16_t)(at + size)) == (uint8_t)crc && eeprom_read((uint16_t)(at + size + 1u)) == (uint8_t)(crc >> 8);
}

uint8_t delta_head(uint32_t sequence, uint8_t k)
{
    return (uint8_t)(k << 4 | (uint8_t)((sequence / 2u & 7u) << 1));
}

uint8_t delta_check(uint32_t sequence, uint8_t index, uint8_t head)
{
    return crc8(crc8(crc8(0, head), index), (uint8_t)sequence);
}

bool delta_in_phase(uint8_t page, uint32_t sequence, uint8_t index)
{
    const uint8_t head = eeprom_read((uint16_t)(PAGE_AT(page) + SNAPSHOT_SIZE + 2u * index));
    return head == delta_head(sequence, head >> 4);
}

bool delta_valid(uint8_t page, uint32_t sequence, uint8_t index)
{
    const uint16_t at = (uint16_t)(PAGE_AT(page) + SNAPSHOT_SIZE + 2u * index);
    const uint8_t head = eeprom_read(at);
    return delta_in_phase(page, sequence, index) && eeprom_read((uint16_t)(at + 1u)) == delta_check(sequence, index, head);
}

static bool page_valid(uint8_t page, uint32_t *sequence)
{
    *sequence = word_at((uint16_t)PAGE_AT(page));
    const uint8_t mark = (uint8_t)*sequence ^ SNAPSHOT_MARK;
    return eeprom_read((uint16_t)(PAGE_AT(page) + MARK_AT)) == mark && crc_holds((uint16_t)PAGE_AT(page), CRC_AT);
}

bool restore_counters(uint32_t counter[COUNTERS], uint8_t *page, uint32_t *sequence)
{
    uint32_t other;
    const bool first = page_valid(0, sequence);
    const bool second = page_valid(1, &other);
    *page = second && !(first && *sequence > other);
    if (*page) {
        *sequence = other;
    }
    if (!first && !second) {
        return false;
    }
    for (uint8_t k = 0; k < COUNTERS; k++) {
        counter[k] = word_at((uint16_t)(PAGE_AT(*page) + 4u + 4u * k));
    }
    for (uint8_t index = 0; index < DELTAS && delta_valid(*page, *sequence, index); index++) {
        uint32_t *c = &counter[eeprom_read((uint16_t)(PAGE_AT(*page) + SNAPSHOT_SIZE + 2u * index)) >> 4];
        *c = ((*c >> DELTA_SHIFT) + 1u) << DELTA_SHIFT;
    }
    return true;
}

static bool slot_valid(uint8_t slot, struct settings *settings, uint16_t *sequence)
{
    const uint16_t at = (uint16_t)SLOT_AT(slot);
    const uint8_t version = eeprom_read(at);
    const uint8_t body = version == SETTINGS_PLAIN_VERSION ? SETTINGS_PLAIN_BODY : SETTINGS_BODY;
    for (uint8_t n = 3; n < SETTINGS_BODY; n++) {
        settings_put(settings, n, n < body ? eeprom_read((uint16_t)(at + n)) : 0u); /* a slope that is not told is 0 */
    }
    *sequence = (uint16_t)(eeprom_read((uint16_t)(at + 1u)) | (uint16_t)eeprom_read((uint16_t)(at + 2u)) << 8);
    return (version == SETTINGS_VERSION || version == SETTINGS_PLAIN_VERSION) && crc_holds(at, body) && settings_valid(settings);
}

uint8_t restore_settings(struct settings *settings, uint16_t *sequence)
{
    uint16_t other;
    const bool first = slot_valid(0, settings, sequence);
    const bool second = slot_valid(1, settings, &other);
    if (second && !(first && (int16_t)(uint16_t)(*sequence - other) > 0)) {
        *sequence = other;
        return 1;
    }
    if (first) {
        (void)slot_valid(0, settings, sequence);
        return 0;
    }
    settings_default(settings);
    *sequence = 0;
    return SLOT_DEFAULT;
}

uint32_t restore_id(void)
{
    return crc_holds(ID_AT, 4) ? word_at(ID_AT) : 0u;
}
