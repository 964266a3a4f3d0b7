/* What the answers say, field by field: I, A and N, C, H; and what is next when a line has been said.
 * Specification: docs/spec/link.md, "Host to board, and the answers".
 */
#include "lines.h"
#include "meter.h"
#include "words.h"

/* I major.minor firmware build id boot kinds caps */
bool identity_field(struct meter *m)
{
    switch (m->field) {
    case 1:
        out_word(&m->out, WORD_LINK);
        return false;
    case 2:
        out_word(&m->out, WORD_FIRMWARE);
        return false;
    case 3:
        out_hex(&m->out, board_build());
        return false;
    case 4:
        out_hex(&m->out, m->store.id);
        return false;
    case 5:
        out_unsigned(&m->out, m->store.boot);
        return false;
    case 6:
        out_word(&m->out, WORD_KINDS);
        return false;
    case 7:
        out_caps(&m->out, RING_HALF_HOURS);
        return false;
    default:
        m->answer = ANSWER_NONE;
        m->report |= REPORT_DIAGNOSIS;
        return line_ended(m);
    }
}

/* A letter numbers..., N letter reason [version] */
bool answer_field(struct meter *m)
{
    if (m->field == 1u) {
        out_name(&m->out, (char)m->about);
        return false;
    }
    const uint8_t n = (uint8_t)(m->field - 2u);
    if (m->answer == ANSWER_DONE && n < m->told_count) {
        out_unsigned(&m->out, m->told[n]);
        return false;
    }
    if (m->answer == ANSWER_REFUSED && n == 0u) {
        out_word(&m->out, m->word);
        return false;
    }
    if (m->answer == ANSWER_REFUSED && n == 1u && m->word == WORD_VERSION) {
        out_word(&m->out, WORD_LINK);
        return false;
    }
    m->answer = ANSWER_NONE;
    return line_ended(m);
}

/* C slot ch gain phase poff qoff slope */
bool listing_field(struct meter *m)
{
    const uint8_t channel = (uint8_t)(m->listing - 1u);
    const struct calibration *k = &m->settings.channel[channel];
    switch (m->field) {
    case 1:
        out_unsigned(&m->out, m->store.slot);
        return false;
    case 2:
        out_unsigned(&m->out, channel);
        return false;
    case 3:
        out_signed(&m->out, k->gain);
        return false;
    case 4:
        out_signed(&m->out, k->phase);
        return false;
    case 5:
        out_signed(&m->out, k->poff);
        return false;
    case 6:
        out_signed(&m->out, k->qoff);
        return false;
    case 7:
        out_signed(&m->out, channel == 0u ? 0 : m->settings.slope[channel - 1u]);
        return false;
    default:
        m->listing++;
        if (m->listing > CHANNELS) {
            m->listing = 0;
            meter_done(m, 'C', 3, m->store.slot, m->settings.cycles, m->settings.mask);
        }
        return line_ended(m);
    }
}

/* H end_s boot ch ai ae ri re */
bool history_field(struct meter *m)
{
    switch (m->field) {
    case 1:
        out_unsigned(&m->out, m->history_s);
        return false;
    case 2:
        out_unsigned(&m->out, m->store.boot);
        return false;
    case 3:
        out_unsigned(&m->out, m->history);
        return false;
    case 8:
        if (m->history_s < ring_oldest_s(&m->ring) || m->history_s >= m->ring.edge_s) {
            /* The ring moved on, or was emptied, while this line was being told: it must not be believed, nor counted. */
            m->out.crc ^= 1u;
            m->history = 1;
            return line_ended(m);
        }
        m->history_lines++;
        m->history++;
        if (m->history > SUM_CHANNEL) {
            m->history = 1;
            m->history_s += HALF_HOUR_s;
        }
        return line_ended(m);
    default:
        break;
    }
    const uint8_t k = (uint8_t)(4u * (m->history - 1u) + m->field - 4u);
    out_unsigned(&m->out, ring_at(&m->ring, k, m->energy.counter[k], m->history_s));
    return false;
}
