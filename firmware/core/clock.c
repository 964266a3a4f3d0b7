/* Board time and UTC. Both advance by whole windows; between windows time stands still for everything that is booked.
 *
 */
#include "clock.h"

#define BILLION 1000000000

uint32_t clock_advance(struct clock *c, uint32_t board_us)
{
    const uint32_t past = board_us + c->board_us;
    c->board_ms += past / 1000u;
    c->board_us = (uint16_t)(past % 1000u);

    const int64_t correction = (int64_t)(int32_t)board_us * c->rate_ppb + c->rest;
    const int32_t whole = (int32_t)(correction / BILLION);
    c->rest = (int32_t)(correction - (int64_t)whole * BILLION);
    const uint32_t true_us = board_us + (uint32_t)whole;

    if (c->utc_s != 0u) {
        c->utc_us += true_us;
        while (c->utc_us >= 1000000u) {
            c->utc_us -= 1000000u;
            c->utc_s++;
        }
    }
    return true_us;
}

int64_t clock_set(struct clock *c, uint32_t utc_s, uint16_t ms, uint32_t t_ms, int32_t rate_ppb)
{
    const int64_t since_us = (int64_t)(int32_t)(c->board_ms - t_ms) * 1000 + c->board_us;
    /* microseconds times ppb in two parts: 24 days of them times 1e7 would not fit */
    const int64_t correction = since_us / 1000000 * rate_ppb / 1000 + since_us % 1000000 * rate_ppb / BILLION;
    const int64_t now_us = (int64_t)utc_s * 1000000 + (int64_t)ms * 1000 + since_us + correction;
    const int64_t step_us = c->utc_s == 0u ? 0 : now_us - ((int64_t)c->utc_s * 1000000 + c->utc_us);
    c->utc_s = (uint32_t)(now_us / 1000000);
    c->utc_us = (uint32_t)(now_us % 1000000);
    c->rate_ppb = rate_ppb;
    c->rest = 0;
    return step_us;
}
