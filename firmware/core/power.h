/* From the sums of a window to volts, amperes, watts and vars: offsets removed, channel delay and sensor phase turned away.
 * The only floating point of the firmware: nothing here is carried from one window to the next.
 * Specification: docs/spec/link.md, "Rules the counters follow", 1 and 2. */
#ifndef CORE_POWER_H
#define CORE_POWER_H

#include "sampler.h"
#include "settings.h"

#define POWER_LIMIT 134217727 /* mW and mvar a window and channel, either way: 134 kW */

/* One window's result. Channel 4, the sum, has no current. */
struct reading {
    uint32_t freq_mhz; /* 0 without mains or outside 40..70 Hz */
    uint32_t v_mv;
    uint32_t i_ma[CLAMPS];
    int32_t p_mw[CLAMPS + 1u];
    int32_t q_mvar[CLAMPS + 1u];
};

/** How far set n of an edge lies behind the crossing, in sets, less one half: -0.5..+0.5. What of the sets on either side
 *  belongs to the other window. */
float edge_share(const struct edge *e);

/** Mean of the voltage, in ADC steps from SAMPLER_MIDDLE: follows the bias of the front end. */
float power_bias(const struct window *w);

/** The clamps of window `w` that ended at `end` and lasted `true_us` (> 0), as if every sensor led as at 5 A; not yet their sum. */
void power_reading(struct reading *r, const struct window *w, const struct edge *end, uint32_t true_us, const struct settings *s);

/** The rest of a reading, left for a turn of its own: the slope of each sensor's lead, and the sum over the clamp set. */
void power_settle(struct reading *r, const struct settings *s);

#endif
