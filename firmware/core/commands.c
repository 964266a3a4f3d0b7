/* What a host may ask for: one function a command, each done or refused by name.
 * Order of judgement: letter, form, range, then what stands in the way (version, utc, busy).
 */
#include "meter.h"
#include "words.h"

#define FORWARD_us 2000000 /* a step of UTC beyond this empties the half-hour ring */
#define MS_LIMIT 999u
#define SLOPE_FIELD 5u /* of K; a host of link 1.0 leaves it out, and means 0 */

_Static_assert(4u * (RING_HALF_HOURS + 1u) <= UINT8_MAX, "the count of H lines fits the answer");

void meter_refuse(struct meter *m, uint8_t letter, uint8_t word)
{
    m->answer = ANSWER_REFUSED;
    m->about = letter;
    m->word = word;
    m->rx_bad++;
}

void meter_done(struct meter *m, uint8_t letter, uint8_t count, uint8_t first, uint8_t second, uint8_t third)
{
    m->answer = ANSWER_DONE;
    m->about = letter;
    m->told_count = count;
    m->told[0] = first;
    m->told[1] = second;
    m->told[2] = third;
}

static void identify(struct meter *m, const struct command *c)
{
    if (c->kind[0] != FIELD_VERSION) {
        meter_refuse(m, 'I', WORD_FORM);
    } else if (c->value[0] != LINK_MAJOR) {
        meter_refuse(m, 'I', WORD_VERSION);
    } else {
        m->answer = ANSWER_IDENTITY;
    }
}

/** Field `n` as a number within +-limit. */
static bool within(const struct command *c, uint8_t n, int32_t limit, int32_t *value)
{
    return link_signed(c, n, value) && *value >= -limit && *value <= limit;
}

static void set_utc(struct meter *m, const struct command *c)
{
    uint32_t utc_s;
    uint32_t ms;
    uint32_t t_ms;
    int32_t rate_ppb;
    const bool numbers = link_unsigned(c, 0, &utc_s) && utc_s > HALF_HOUR_s && link_unsigned(c, 1, &ms) && ms <= MS_LIMIT &&
                         link_unsigned(c, 2, &t_ms);
    if (!numbers || !within(c, 3, RATE_LIMIT_ppb, &rate_ppb)) {
        meter_refuse(m, 'U', WORD_RANGE);
        return;
    }
    const bool known = m->clock.utc_s != 0u;
    const int64_t step_us = clock_set(&m->clock, utc_s, (uint16_t)ms, t_ms, rate_ppb);
    if (!known || step_us > FORWARD_us || step_us < -FORWARD_us) {
        ring_empty(&m->ring, m->clock.utc_s);
    }
    meter_done(m, 'U', 0, 0, 0, 0);
}

/** One small number within first..last; 0 when it is not. */
static uint8_t small(const struct command *c, uint8_t last)
{
    uint32_t value;
    return link_unsigned(c, 0, &value) && value <= last ? (uint8_t)value : 0u;
}

static void set_window(struct meter *m, const struct command *c)
{
    const uint8_t cycles = small(c, MOST_CYCLES);
    if (cycles == 0u) {
        meter_refuse(m, 'W', WORD_RANGE);
    } else {
        m->settings.cycles = cycles;
        meter_done(m, 'W', 1, cycles, 0, 0);
    }
}

static void set_clamps(struct meter *m, const struct command *c)
{
    const uint8_t mask = small(c, 7);
    if (mask == 0u) {
        meter_refuse(m, 'S', WORD_RANGE);
    } else {
        m->settings.mask = mask;
        meter_done(m, 'S', 1, mask, 0, 0);
    }
}

static void calibrate(struct meter *m, const struct command *c)
{
    uint32_t channel;
    int32_t value[5];
    bool good = link_unsigned(c, 0, &channel) && channel < CHANNELS;
    for (uint8_t n = 0; n < 5u; n++) {
        good = good && within(c, (uint8_t)(n + 1u), n == 0u ? GAIN_LIMIT : n == 4u ? SLOPE_LIMIT : PHASE_LIMIT, &value[n]);
    }
    if (!good || value[0] == 0 || (channel == 0u && (value[2] != 0 || value[3] != 0 || value[4] != 0))) {
        meter_refuse(m, 'K', WORD_RANGE);
        return;
    }
    if (channel != 0u) {
        m->settings.slope[channel - 1u] = (int16_t)value[4];
    }
    m->settings.channel[channel] = (struct calibration){value[0], (int16_t)value[1], (int16_t)value[2], (int16_t)value[3]};
    meter_done(m, 'K', 1, (uint8_t)channel, 0, 0);
}

static void tell_history(struct meter *m, const struct command *c)
{
    uint32_t from_s;
    if (!link_unsigned(c, 0, &from_s)) {
        meter_refuse(m, 'H', WORD_RANGE);
    } else if (m->clock.utc_s == 0u) {
        meter_refuse(m, 'H', WORD_UTC);
    } else {
        m->history_s = from_s >= m->ring.edge_s ? m->ring.edge_s : (from_s / HALF_HOUR_s + 1u) * HALF_HOUR_s;
        m->history_lines = 0;
        m->history = 1;
    }
}

/** Fields a letter must have, all numbers but for I; 255 for a letter that is not known. */
static uint8_t fields_of(const struct command *c)
{
    switch (c->letter) {
    case 'U':
        return 4;
    case 'K':
        return c->kind[SLOPE_FIELD] == FIELD_ABSENT ? SLOPE_FIELD : SLOPE_FIELD + 1u;
    case 'W':
    case 'S':
    case 'H':
        return 1;
    case 'I':
    case 'Y':
    case 'C':
        return 0;
    default:
        return UINT8_MAX;
    }
}

/** Whether something under way stands against this command. */
static bool busy(const struct meter *m, uint8_t letter)
{
    const bool changes = letter == 'K' || letter == 'W' || letter == 'S' || letter == 'Y';
    const bool tells = letter == 'H' || letter == 'C';
    return !m->store.ready || (changes && m->keeping) || (tells && (m->history != 0u || m->listing != 0u));
}

void meter_command(struct meter *m, const struct command *c)
{
    const uint8_t fields = fields_of(c);
    if (c->letter < 'A' || c->letter > 'Z') {
        meter_refuse(m, '?', WORD_FORM);
        return;
    }
    if (fields == UINT8_MAX) {
        m->rx_unknown++;
        return;
    }
    if (!link_numbers(c, fields)) {
        meter_refuse(m, c->letter, WORD_FORM);
        return;
    }
    if (busy(m, c->letter)) {
        meter_refuse(m, c->letter, WORD_BUSY);
        return;
    }
    switch (c->letter) {
    case 'I':
        identify(m, c);
        break;
    case 'U':
        set_utc(m, c);
        break;
    case 'W':
        set_window(m, c);
        break;
    case 'S':
        set_clamps(m, c);
        break;
    case 'K':
        calibrate(m, c);
        break;
    case 'Y':
        store_keep(&m->store);
        m->keeping = true;
        break;
    case 'C':
        m->listing = 1;
        break;
    default:
        tell_history(m, c);
        break;
    }
}
