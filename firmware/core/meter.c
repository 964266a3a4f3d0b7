/* The meter at work: what a window changes, and which line is written next.
 * Lines are written field by field between windows; a report's lines all tell of the moment of its last window, because the
 * counters' advance since then is kept (`since`) and taken off. */
#include "meter.h"

#include "words.h"

#define REPORT_ms 1000u
#define REPORT_EARLY_ms 100u /* a window that ends this close before the second is its last */
#define DIAGNOSIS_reports 10u

void meter_boot(struct meter *m, uint32_t noise, uint8_t reset_cause)
{
    *m = (struct meter){.reset_cause = reset_cause, .next_ms = REPORT_ms};
    store_boot(&m->store, m->energy.counter, &m->settings, noise);
    for (uint8_t k = 0; k < COUNTERS; k++) {
        m->energy.base[k] = m->energy.counter[k];
    }
}

/** One more value in steps, rounded symmetric about zero. */
static int32_t steps(int32_t power)
{
    return (power + (power < 0 ? -SUM_STEP_mw / 2 : SUM_STEP_mw / 2)) / SUM_STEP_mw;
}

static void sum_up(struct means *m, const struct reading *r)
{
    m->sum.freq_mhz += r->freq_mhz;
    m->sum.v_mv += r->v_mv;
    for (uint8_t c = 0; c < CLAMPS; c++) {
        m->sum.i_ma[c] += r->i_ma[c];
    }
    for (uint8_t c = 0; c <= CLAMPS; c++) {
        m->sum.p_mw[c] += steps(r->p_mw[c]);
        m->sum.q_mvar[c] += steps(r->q_mvar[c]);
    }
    m->windows++;
    m->locked = (uint8_t)(m->locked + (r->freq_mhz != 0u));
}

static int32_t mean_power(int32_t sum, uint8_t windows)
{
    const int32_t half = windows / 2;
    const int32_t whole = sum / windows;
    const int32_t part = (sum - whole * windows) * SUM_STEP_mw;
    return whole * SUM_STEP_mw + (part + (part < 0 ? -half : half)) / windows;
}

static void take_means(struct means *m)
{
    const uint8_t n = m->windows;
    m->report.freq_mhz = m->locked == 0u ? 0u : m->sum.freq_mhz / m->locked;
    m->report.v_mv = m->sum.v_mv / n;
    for (uint8_t c = 0; c < CLAMPS; c++) {
        m->report.i_ma[c] = m->sum.i_ma[c] / n;
    }
    for (uint8_t c = 0; c <= CLAMPS; c++) {
        m->report.p_mw[c] = mean_power(m->sum.p_mw[c], n);
        m->report.q_mvar[c] = mean_power(m->sum.q_mvar[c], n);
    }
    m->sum = (struct reading){.freq_mhz = 0};
    m->windows = 0;
    m->locked = 0;
}

static void begin_report(struct meter *m)
{
    if (m->report & (REPORT_POWER | 0x0Fu)) {
        return;
    }
    const uint32_t seconds = m->seq;
    while ((int32_t)(m->clock.board_ms + REPORT_EARLY_ms - m->next_ms) >= 0) {
        m->next_ms += REPORT_ms;
        m->seq++;
    }
    if (m->seq == seconds || !m->store.ready) {
        return;
    }
    m->report_ms = m->clock.board_ms;
    m->report |= REPORT_POWER | 0x0Fu;
    if (m->seq / DIAGNOSIS_reports != seconds / DIAGNOSIS_reports) {
        m->report |= REPORT_DIAGNOSIS;
    }
    for (uint8_t k = 0; k < COUNTERS; k++) {
        m->energy.since[k] = 0;
    }
    take_means(&m->means);
}

static void flow(struct meter *m, const struct reading *r, uint32_t true_us)
{
    const uint32_t gate_mw = energy_gate_mw(m->settings.cycles);
    for (uint8_t c = 0; c <= CLAMPS; c++) {
        energy_flow(&m->energy, (uint8_t)(2u * c), r->p_mw[c], true_us, gate_mw);
        energy_flow(&m->energy, (uint8_t)(2u * c + 1u), r->q_mvar[c], true_us, gate_mw);
    }
    energy_judge(&m->energy, true_us);
}

/** How much of a window of `true_us` that has just ended lay before the half-hour edge, when it ended at or after one. */
static uint32_t before_edge_us(const struct meter *m, uint32_t true_us)
{
    const uint32_t after_us = (m->clock.utc_s - m->ring.edge_s) * 1000000u + m->clock.utc_us;
    return m->clock.utc_s - m->ring.edge_s > 3u || after_us > true_us ? 0u : true_us - after_us;
}

void meter_window(struct meter *m, const struct window *w, const struct edge *end)
{
    /* A set is 56 ticks but for its jitter; the crossing lay this much before the end's first set. */
    const float set_ticks = (float)(end->ticks - w->start.ticks) / (float)w->sets;
    const uint32_t now = end->ticks - (uint32_t)((edge_share(end) + 0.5f) * set_ticks + 0.5f);
    const uint32_t true_us = clock_advance(&m->clock, (now - m->edge_ticks) * TICK_us);
    m->edge_ticks = now;

    power_reading(&m->reading, w, end, true_us, &m->settings);
    m->bias = (int16_t)(m->bias + ((int16_t)(power_bias(w) * 16.0f) - m->bias) / 4);
    m->reading_us = true_us;
    m->settled = false;
}

/** Books the reading that waits: the last third of a window's work, each in a turn of its own, so that the line is not kept waiting. */
static void book_reading(struct meter *m)
{
    const struct reading *r = &m->reading;
    const uint32_t true_us = m->reading_us;
    m->reading_us = 0;
    if (m->clock.utc_s != 0u && m->clock.utc_s >= m->ring.edge_s) {
        const uint32_t before_us = before_edge_us(m, true_us);
        flow(m, r, before_us);
        ring_close(&m->ring, m->energy.counter);
        flow(m, r, true_us - before_us);
    } else {
        flow(m, r, true_us);
    }
    m->exporting = r->p_mw[0] <= -(int32_t)CREEP_GATE_mw;
    ring_watch(&m->ring, m->energy.counter);
    sum_up(&m->means, r);
    begin_report(m);
}

bool meter_listens(const struct meter *m)
{
    return m->answer == ANSWER_NONE;
}

void meter_byte(struct meter *m, uint8_t byte)
{
    switch (link_byte(&m->in, byte)) {
    case LINK_COMMAND:
        meter_command(m, &m->in.command);
        break;
    case LINK_BAD_CRC:
        meter_refuse(m, '?', WORD_CRC);
        break;
    case LINK_TOO_LONG:
        meter_refuse(m, '?', WORD_LONG);
        break;
    case LINK_MORE:
        break;
    }
}

/** The next H line, or the answer after the last. */
static void choose_history(struct meter *m)
{
    const uint32_t oldest_s = ring_oldest_s(&m->ring);
    if (m->history_s < oldest_s) {
        m->history_s = oldest_s;
        m->history = 1;
    }
    if (m->history_s >= m->ring.edge_s) {
        m->history = 0;
        meter_done(m, 'H', 1, m->history_lines, 0, 0);
    } else {
        m->line = 'H';
    }
}

/** What is said next: an answer first, then the report, then what takes long. */
static void choose_line(struct meter *m)
{
    m->field = 0;
    if (m->answer != ANSWER_NONE) {
        m->line = m->answer == ANSWER_DONE ? 'A' : m->answer == ANSWER_REFUSED ? 'N' : 'I';
    } else if (m->report & 0x0Fu) {
        m->line = 'R';
        m->line_channel = 1;
        while (!(m->report & (1u << (m->line_channel - 1u)))) {
            m->line_channel++;
        }
    } else if (m->report & REPORT_POWER) {
        m->line = 'P';
    } else if (m->report & REPORT_DIAGNOSIS) {
        m->line = 'D';
    } else if (m->listing != 0u) {
        m->line = 'C';
    } else if (m->history != 0u) {
        choose_history(m);
    }
}

void meter_poll(struct meter *m)
{
    if (m->reading_us != 0u && !m->settled) {
        power_settle(&m->reading, &m->settings);
        m->settled = true;
        return;
    }
    if (m->reading_us != 0u) {
        book_reading(m);
        return;
    }
    store_poll(&m->store, m->energy.counter, &m->settings);
    if (m->keeping && !m->store.keep && m->answer == ANSWER_NONE) {
        m->keeping = false;
        meter_done(m, 'Y', 1, m->store.slot, 0, 0);
    }
    if (m->line == 0u) {
        choose_line(m);
    }
    if (m->line != 0u && port_room() >= FIELD_ROOM && meter_field(m)) {
        m->line = 0;
    }
}
