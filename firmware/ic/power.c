/* What is left of core/power.h where a metering IC measures: the sum over the set. The rest the IC has done.
 *
 */
#include "../core/power.h"

static int32_t limited(int32_t sum)
{
    return sum > POWER_LIMIT ? POWER_LIMIT : sum < -POWER_LIMIT ? -POWER_LIMIT : sum;
}

void power_settle(struct reading *r, const struct settings *s)
{
    r->p_mw[CLAMPS] = 0;
    r->q_mvar[CLAMPS] = 0;
    for (uint8_t c = 0; c < CLAMPS; c++) {
        if (s->mask & (1u << c)) {
            r->p_mw[CLAMPS] = limited(r->p_mw[CLAMPS] + r->p_mw[c]);
            r->q_mvar[CLAMPS] = limited(r->q_mvar[CLAMPS] + r->q_mvar[c]);
        }
    }
}
