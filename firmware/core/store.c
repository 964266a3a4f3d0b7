/* Writing the EEPROM, a byte a poll. Order is everything: what makes a record valid is its last byte.
 * A page: first sweep out old deltas that the new sequence would believe, then the snapshot, its mark last.
 * Settings: the version byte is spoilt first and written last. */
#include "store.h"

#include "crc.h"
#include "restore.h"

#define SPOILT 0xFFu

static void begin(struct store *s, uint8_t job)
{
    s->job = job;
    s->at = 0;
    s->crc = CRC16_START;
}

static void begin_page(struct store *s)
{
    s->sequence++;
    s->page ^= 1u;
    s->index = 0;
    begin(s, STORE_SWEEP);
}

bool store_has_id(void)
{
    return restore_id() != 0u;
}

void store_boot(struct store *s, uint32_t counter[COUNTERS], struct settings *settings, uint32_t noise)
{
    *s = (struct store){.id = restore_id()};
    if (!restore_counters(counter, &s->page, &s->sequence)) {
        for (uint8_t k = 0; k < COUNTERS; k++) {
            counter[k] = 0;
        }
        s->sequence = 0;
    }
    s->slot = restore_settings(settings, &s->slot_sequence);
    begin_page(s);
    s->boot = s->sequence;
    if (s->id == 0u) {
        s->id = noise == 0u ? 1u : noise;
        begin(s, STORE_ID);
    }
}

void store_keep(struct store *s)
{
    s->keep = true;
}

/** The next byte of a word and its CRC: bytes 0..3 of `latched`, then the CRC. */
static uint8_t word_byte(struct store *s, uint8_t n)
{
    const uint8_t byte = (uint8_t)(s->latched >> (8u * n));
    s->crc = crc16(s->crc, byte);
    return byte;
}

static uint8_t crc_byte(const struct store *s, uint8_t n)
{
    return (uint8_t)(s->crc >> (8u * n));
}

static void write_id(struct store *s)
{
    s->latched = s->id;
    const uint8_t at = s->at++;
    eeprom_write((uint16_t)(ID_AT + at), at < 4u ? word_byte(s, at) : crc_byte(s, (uint8_t)(at - 4u)));
    if (s->at == 6u) {
        begin(s, STORE_SWEEP);
    }
}

static void sweep(struct store *s)
{
    if (delta_in_phase(s->page, s->sequence, s->at)) {
        eeprom_write((uint16_t)(PAGE_AT(s->page) + SNAPSHOT_SIZE + 2u * s->at), SPOILT);
    }
    s->at++;
    if (s->at == DELTAS) {
        begin(s, STORE_SNAPSHOT);
    }
}

static void write_snapshot(struct store *s, const uint32_t counter[COUNTERS])
{
    const uint8_t at = s->at++;
    uint8_t byte;
    if (at < CRC_AT) {
        if (at % 4u == 0u) {
            s->latched = at == 0u ? s->sequence : counter[at / 4u - 1u];
            if (at != 0u) {
                s->mirror[at / 4u - 1u] = (uint8_t)(s->latched >> DELTA_SHIFT);
            }
        }
        byte = word_byte(s, at % 4u);
    } else {
        byte = at < MARK_AT ? crc_byte(s, (uint8_t)(at - CRC_AT)) : (uint8_t)((uint8_t)s->sequence ^ SNAPSHOT_MARK);
    }
    eeprom_write((uint16_t)(PAGE_AT(s->page) + at), byte);
    if (at == MARK_AT) {
        s->job = STORE_IDLE;
        s->records++;
        s->ready = true;
    }
}

static void write_delta(struct store *s)
{
    const uint16_t at = (uint16_t)(PAGE_AT(s->page) + SNAPSHOT_SIZE + 2u * s->index);
    const uint8_t head = delta_head(s->sequence, s->next);
    if (s->at++ == 0u) {
        eeprom_write((uint16_t)(at + 1u), delta_check(s->sequence, s->index, head));
        return;
    }
    eeprom_write(at, head);
    s->mirror[s->next]++;
    s->index++;
    s->records++;
    s->job = STORE_IDLE;
}

static void write_settings(struct store *s, const struct settings *settings)
{
    const uint8_t spare = s->slot == 0u ? 1u : 0u;
    const uint16_t sequence = (uint16_t)(s->slot_sequence + 1u);
    const uint8_t at = s->at++;
    uint8_t byte = SPOILT; /* at 0, the version's place */
    if (at == 0u) {
        s->crc = crc16(CRC16_START, SETTINGS_VERSION);
    } else if (at < SETTINGS_BODY) {
        byte = settings_byte(settings, sequence, at);
        s->crc = crc16(s->crc, byte);
    } else if (at < SETTINGS_IMAGE) {
        byte = crc_byte(s, (uint8_t)(at - SETTINGS_BODY));
    } else {
        byte = SETTINGS_VERSION;
    }
    eeprom_write((uint16_t)(SLOT_AT(spare) + at % SETTINGS_IMAGE), byte);
    if (at == SETTINGS_IMAGE) {
        s->slot = spare;
        s->slot_sequence = sequence;
        s->keep = false;
        s->job = STORE_IDLE;
    }
}

static void look_for_work(struct store *s, const uint32_t counter[COUNTERS])
{
    if (s->keep) {
        begin(s, STORE_SETTINGS);
        return;
    }
    s->next = (uint8_t)((s->next + 1u) % COUNTERS);
    if ((uint8_t)(counter[s->next] >> DELTA_SHIFT) == s->mirror[s->next]) {
        return;
    }
    if (s->index == DELTAS) {
        begin_page(s);
    } else {
        begin(s, STORE_DELTA);
    }
}

void store_poll(struct store *s, const uint32_t counter[COUNTERS], const struct settings *settings)
{
    if (s->job == STORE_IDLE) {
        look_for_work(s, counter);
        return;
    }
    if (!eeprom_ready()) {
        return;
    }
    switch (s->job) {
    case STORE_ID:
        write_id(s);
        break;
    case STORE_SWEEP:
        sweep(s);
        break;
    case STORE_SNAPSHOT:
        write_snapshot(s, counter);
        break;
    case STORE_DELTA:
        write_delta(s);
        break;
    default:
        write_settings(s, settings);
        break;
    }
}
