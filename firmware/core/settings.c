/* Settings and their EEPROM image. The image's bytes are computed one at a time from their place in it:
 * it does not depend on how a compiler lays the struct out.
 */
#include "settings.h"

#define CHANNEL_BYTES 10u
#define CHANNELS_AT 3u
#define CYCLES_AT 43u
#define MASK_AT 44u
#define SLOPES_AT 45u

_Static_assert(CHANNELS_AT + CHANNELS * CHANNEL_BYTES == CYCLES_AT, "the four channels end where the window begins");
_Static_assert(MASK_AT + 1u == SLOPES_AT && SLOPES_AT == SETTINGS_PLAIN_BODY, "the slopes begin where version 1 ended");
_Static_assert(SLOPES_AT + 2u * (CHANNELS - 1u) == SETTINGS_BODY && SETTINGS_BODY + 2u == SETTINGS_IMAGE, "the CRC follows the slopes");

void settings_default(struct settings *s)
{
    *s = (struct settings){.cycles = 10, .mask = 7};
    s->channel[0].gain = DEFAULT_VOLT_GAIN_uv;
    for (uint8_t c = 1; c < CHANNELS; c++) {
        s->channel[c].gain = DEFAULT_CLAMP_GAIN_ua;
    }
}

static bool within(int32_t value, int32_t limit)
{
    return value >= -limit && value <= limit;
}

bool settings_valid(const struct settings *s)
{
    for (uint8_t c = 0; c < CHANNELS; c++) {
        const struct calibration *k = &s->channel[c];
        if (k->gain == 0 || !within(k->gain, GAIN_LIMIT) || !within(k->phase, PHASE_LIMIT) ||
            !within(k->poff, OFFSET_LIMIT) || !within(k->qoff, OFFSET_LIMIT) || (c > 0u && !within(s->slope[c - 1u], SLOPE_LIMIT))) {
            return false;
        }
    }
    return s->channel[0].poff == 0 && s->channel[0].qoff == 0 && s->cycles >= 1u && s->cycles <= 50u && s->mask >= 1u &&
           s->mask <= 7u;
}

static uint8_t byte_of(uint32_t value, uint8_t n)
{
    return (uint8_t)(value >> (8u * n));
}

uint8_t settings_byte(const struct settings *s, uint16_t sequence, uint8_t at)
{
    if (at == 0u) {
        return SETTINGS_VERSION;
    }
    if (at < CHANNELS_AT) {
        return byte_of(sequence, (uint8_t)(at - 1u));
    }
    if (at >= SLOPES_AT) {
        return byte_of((uint16_t)s->slope[(at - SLOPES_AT) / 2u], (at - SLOPES_AT) & 1u);
    }
    if (at >= CYCLES_AT) {
        return at == CYCLES_AT ? s->cycles : s->mask;
    }
    const uint8_t within_channel = (uint8_t)((at - CHANNELS_AT) % CHANNEL_BYTES);
    const struct calibration *k = &s->channel[(at - CHANNELS_AT) / CHANNEL_BYTES];
    if (within_channel < 4u) {
        return byte_of((uint32_t)k->gain, within_channel);
    }
    const int16_t word = within_channel < 6u ? k->phase : within_channel < 8u ? k->poff : k->qoff;
    return byte_of((uint16_t)word, within_channel & 1u);
}

static void put_word(int16_t *word, uint8_t n, uint8_t byte)
{
    const uint16_t value = (uint16_t)*word;
    *word = (int16_t)(n ? (value & 0x00FFu) | (uint16_t)(byte << 8) : (value & 0xFF00u) | byte);
}

void settings_put(struct settings *s, uint8_t at, uint8_t byte)
{
    if (at >= SLOPES_AT) {
        put_word(&s->slope[(at - SLOPES_AT) / 2u], (at - SLOPES_AT) & 1u, byte);
        return;
    }
    if (at >= CYCLES_AT) {
        *(at == CYCLES_AT ? &s->cycles : &s->mask) = byte;
        return;
    }
    const uint8_t within_channel = (uint8_t)((at - CHANNELS_AT) % CHANNEL_BYTES);
    struct calibration *k = &s->channel[(at - CHANNELS_AT) / CHANNEL_BYTES];
    if (within_channel < 4u) {
        const uint8_t shift = (uint8_t)(8u * within_channel);
        k->gain = (int32_t)(((uint32_t)k->gain & ~((uint32_t)0xFF << shift)) | (uint32_t)byte << shift);
    } else {
        put_word(within_channel < 6u ? &k->phase : within_channel < 8u ? &k->poff : &k->qoff, within_channel & 1u, byte);
    }
}
