/* Windows of a board with a metering IC: what meter_window of core/meter.c is to a clamp board. All else of the meter is the same.
 *
 */
#include "../core/crc.h"
#include "ic.h"

void ic_settings_default(struct settings *s)
{
    settings_default(s);
    for (uint8_t c = 0; c < CHANNELS; c++) {
        s->channel[c].gain = IC_GAIN_NEUTRAL;
    }
}

uint16_t ic_settings_crc(const struct settings *s)
{
    uint16_t crc = CRC16_START;
    for (uint8_t at = 0; at < SETTINGS_BODY; at++) {
        crc = crc16(crc, settings_byte(s, 0, at));
    }
    return crc;
}

void ic_boot(struct meter *m)
{
    if (m->store.slot == SLOT_DEFAULT) {
        ic_settings_default(&m->settings);
    }
}

bool ic_window(struct meter *m, uint32_t board_us)
{
    const uint32_t true_us = clock_advance(&m->clock, board_us);
    ic_taken.span_us = ic_taken.span_us > UINT32_MAX - true_us ? UINT32_MAX : ic_taken.span_us + true_us;
    if (!ic_read(&ic_taken, &m->reading, &m->settings)) {
        return false;
    }
    m->reading_us = ic_taken.span_us;
    m->settled = false;
    return true;
}
