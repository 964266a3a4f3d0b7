/* What the unasked lines say, field by field: R, P, D; and which function writes a field of which line.
 * Specification: docs/spec/link.md, "Board to host, unasked".
 */
#include "lines.h"
#include "meter.h"

_Static_assert(3 * 11 + 2 + 8 * 11 + 2 + 6 <= LINK_BOARD_LONGEST, "the longest R line");
/* seq, t: 10 digits; freq: 5; v, i: 7; p, q: 9 and a sign, because power.h limits them */
_Static_assert(1 + 2 * 11 + 6 + 4 * 8 + 8 * 11 + 6 <= LINK_BOARD_LONGEST, "the longest P line");

bool line_ended(struct meter *m)
{
    out_end(&m->out);
    return true;
}

/* R seq t boot ch ai ae ri re bai bae bri bre */
static bool report_field(struct meter *m)
{
    const uint8_t first = (uint8_t)(4u * (m->line_channel - 1u));
    switch (m->field) {
    case 1:
        out_unsigned(&m->out, m->seq);
        return false;
    case 2:
        out_unsigned(&m->out, m->report_ms);
        return false;
    case 3:
        out_unsigned(&m->out, m->store.boot);
        return false;
    case 4:
        out_unsigned(&m->out, m->line_channel);
        return false;
    case 13:
        m->report &= (uint8_t)~(1u << (m->line_channel - 1u));
        return line_ended(m);
    default:
        break;
    }
    const uint8_t k = (uint8_t)(first + (m->field - 5u) % 4u);
    out_unsigned(&m->out, m->field < 9u ? m->energy.counter[k] - m->energy.since[k] : m->energy.base[k]);
    return false;
}

/* P seq t freq v i1 p1 q1 i2 p2 q2 i3 p3 q3 p4 q4 */
static bool power_field(struct meter *m)
{
    const struct reading *r = &m->means.report;
    switch (m->field) {
    case 1:
        out_unsigned(&m->out, m->seq);
        return false;
    case 2:
        out_unsigned(&m->out, m->report_ms);
        return false;
    case 3:
        out_unsigned(&m->out, r->freq_mhz);
        return false;
    case 4:
        out_unsigned(&m->out, r->v_mv);
        return false;
    case 14:
        out_signed(&m->out, r->p_mw[CLAMPS]);
        return false;
    case 15:
        out_signed(&m->out, r->q_mvar[CLAMPS]);
        return false;
    case 16:
        m->report &= (uint8_t)~REPORT_POWER;
        return line_ended(m);
    default:
        break;
    }
    const uint8_t clamp = (uint8_t)((m->field - 5u) / 3u);
    const uint8_t what = (uint8_t)((m->field - 5u) % 3u);
    if (what == 0u) {
        out_unsigned(&m->out, r->i_ma[clamp]);
    } else {
        out_signed(&m->out, what == 1u ? r->p_mw[clamp] : r->q_mvar[clamp]);
    }
    return false;
}

/* D seq t rxbad rxunknown lost creep ee resetcause stackfree utc */
static uint32_t diagnosis(const struct meter *m, uint8_t field)
{
    switch (field) {
    case 1:
        return m->seq;
    case 2:
        return m->report_ms;
    case 3:
        return m->rx_bad;
    case 4:
        return m->rx_unknown;
    case 5:
        return board_lost();
    case 6:
        return m->energy.creep;
    case 7:
        return m->store.records;
    case 8:
        return m->reset_cause;
    case 9:
        return board_stack_free();
    default:
        return m->clock.utc_s != 0u;
    }
}

static bool diagnosis_field(struct meter *m)
{
    if (m->field < 11u) {
        out_unsigned(&m->out, diagnosis(m, m->field));
        return false;
    }
    m->report &= (uint8_t)~REPORT_DIAGNOSIS;
    return line_ended(m);
}

bool meter_field(struct meter *m)
{
    bool end = false;
    if (m->field == 0u) {
        out_letter(&m->out, (char)m->line);
        m->field = 1;
        return false;
    }
    switch (m->line) {
    case 'R':
        end = report_field(m);
        break;
    case 'P':
        end = power_field(m);
        break;
    case 'D':
        end = diagnosis_field(m);
        break;
    case 'I':
        end = identity_field(m);
        break;
    case 'C':
        end = listing_field(m);
        break;
    case 'H':
        end = history_field(m);
        break;
    default:
        end = answer_field(m);
        break;
    }
    m->field++;
    return end;
}
