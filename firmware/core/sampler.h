/* From single conversions to the sums of a window: what the ADC interrupt does, in portable C.
 * A set is one conversion each of the voltage and the three clamps, in that order, without a gap; a window is a run of sets
 * between two upward zero crossings of the voltage. Everything is inline: it is the body of one interrupt. */
#ifndef CORE_SAMPLER_H
#define CORE_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#define SAMPLER_INLINE static inline __attribute__((always_inline)) /* a call would cost the interrupt 60 cycles */

#define CLAMPS 3u
#define SAMPLER_TAPS 16u           /* the second phase tap is the voltage this many sets ago: 65 degrees at 50 Hz */
#define SAMPLER_MIDDLE 512         /* code of the bias in an ideal front end; what it really is, the sums find out */
#define SAMPLER_HYSTERESIS 20      /* ADC steps under the crossing level before the next crossing counts */
#define TICK_us 4u                 /* Timer1: 16 MHz / 64 */
#define SHORTEST_CYCLE_ticks 3571u /* 70 Hz: a crossing earlier than this is noise */
#define MAINS_LOST_ticks 25000u    /* 100 ms without a crossing */
#define FREE_RUN_ticks 50000u      /* the window without mains: 200 ms */
#define LATE_SET_ticks 84u         /* a set is 56 to 60 ticks; one that comes after 1.4 of them has missed conversions */
#define MOST_CYCLES 50u

struct clamp_sums {
    int32_t i;
    uint32_t ii;
    int32_t iv; /* with the voltage of the same set */
    int32_t iw; /* with the voltage of SAMPLER_TAPS sets ago */
};

/* Where a window begins, and so where the one before it ends:
 *
 *      set n-1       crossing        set n  (the first of the new window)
 *   ------|---------------o------------|------> time
 *       -below            0          +above     voltage against the level
 */
struct edge {
    uint32_t ticks; /* of set n */
    int16_t below;  /* both 0 where a free-running window ends */
    int16_t above;
    int16_t v; /* set n itself, so that a part of it can be given back to the window before */
    int16_t w;
    int16_t i[CLAMPS];
};

struct window {
    struct clamp_sums clamp[CLAMPS];
    int32_t v;
    uint32_t vv;
    int32_t w;
    uint16_t sets;
    uint8_t cycles; /* whole mains cycles; 0 in a free-running window */
    struct edge start;
};

/* The largest sums: 50 cycles at 40 Hz and 200 ms until their loss is certain, 4,464 sets a second, full scale. */
_Static_assert((1250LL + 200) * 4464 / 1000 * 512 * 512 < 2147483647, "the sums of the longest window fit 32 bits");

/* The two windows change places at each boundary: the interrupt fills one, the main loop reads the other, clears it and only
 * then takes `full` back. A boundary that finds `full` still set is let pass: the window grows by a cycle, nothing is lost. */
struct sampler {
    struct window window[2];
    struct window *filling;
    int16_t taps[SAMPLER_TAPS];
    int16_t v;      /* of the set under way */
    int16_t w;
    uint16_t tick;  /* of the set under way, its upper half in `turns` */
    uint16_t turns;
    uint16_t mark;  /* tick of the last crossing, or of the last free-running boundary */
    uint16_t lost;  /* conversions found missing, wraps */
    volatile uint8_t tap;
    uint8_t fresh;  /* 1 while the first set of a window is under way */
    uint8_t locked; /* 1 while there is mains */
    uint8_t armed;  /* 1 when the voltage has been under the level by the hysteresis */
    volatile uint8_t full;
    volatile uint8_t want; /* cycles a window, 1..50 */
    volatile int8_t level; /* the voltage's zero, ADC steps from SAMPLER_MIDDLE */
};

/** Empties a sampler that starts at `tick`; windows of `want` cycles (1..50). */
static inline void sampler_start(struct sampler *s, uint8_t want, uint16_t tick)
{
    *s = (struct sampler){.want = want, .tick = tick, .mark = tick};
    s->filling = &s->window[0];
}

/** The closed window, when `full` says there is one. Its end is `filling->start`. */
static inline struct window *sampler_closed(struct sampler *s)
{
    return s->filling == &s->window[0] ? &s->window[1] : &s->window[0];
}

/** Gives the closed window back to the interrupt. */
static inline void sampler_release(struct sampler *s)
{
    *sampler_closed(s) = (struct window){.sets = 0};
    s->full = 0;
}

/* Whether this set is the first of a new window; keeps the count of cycles and the watch over the mains. */
SAMPLER_INLINE bool sampler_boundary(struct sampler *s, int16_t height, uint16_t tick)
{
    const uint16_t since = (uint16_t)(tick - s->mark);
    if (height < -SAMPLER_HYSTERESIS) {
        s->armed = 1;
    } else if (s->armed && height >= 0) {
        s->armed = 0;
        if (since >= SHORTEST_CYCLE_ticks) {
            s->mark = tick;
            if (!s->locked) {
                s->locked = 1;
                s->filling->cycles = 0;
                return true;
            }
            s->filling->cycles++;
            return s->filling->cycles >= s->want;
        }
    }
    if (s->locked) {
        if (since >= MAINS_LOST_ticks) {
            s->locked = 0;
            s->filling->cycles = 0;
        }
    } else if (since >= FREE_RUN_ticks) {
        s->mark = tick;
        return true;
    }
    return false;
}

/** Takes a conversion of the voltage (`raw` 0..1023) finished at `tick`. True when it opened a new window. */
SAMPLER_INLINE bool sampler_voltage(struct sampler *s, uint16_t raw, uint16_t tick)
{
    const int16_t v = (int16_t)((int16_t)raw - SAMPLER_MIDDLE);
    const int16_t before = s->v;
    const int16_t w = s->taps[s->tap];
    s->taps[s->tap] = v;
    s->tap = (uint8_t)((s->tap + 1u) % SAMPLER_TAPS);
    s->v = v;
    s->w = w;
    if (tick < s->tick) {
        s->turns++;
    }
    if ((uint16_t)(tick - s->tick) > LATE_SET_ticks) {
        s->lost = (uint16_t)(s->lost + (uint16_t)(tick - s->tick) / 14u - 4u);
    }
    s->tick = tick;

    const int16_t height = (int16_t)(v - s->level);
    const bool crossed = s->armed && height >= 0;
    bool opened = sampler_boundary(s, height, tick);
    if (opened && (s->full || s->fresh)) {
        opened = false;
    }
    if (opened) {
        s->filling = sampler_closed(s);
        s->fresh = 1;
        struct edge *e = &s->filling->start;
        e->ticks = (uint32_t)s->turns << 16 | tick;
        e->above = crossed ? height : 0;
        e->below = crossed ? (int16_t)(v - height - before) : 0;
        e->v = v;
        e->w = w;
    }
    struct window *now = s->filling;
    now->sets++;
    now->v += v;
    now->vv += (uint32_t)((int32_t)v * v);
    now->w += w;
    return opened;
}

/** Takes a conversion of clamp 0..2 (`raw` 0..1023) of the set under way. */
SAMPLER_INLINE void sampler_clamp(struct sampler *s, uint8_t clamp, uint16_t raw)
{
    const int16_t i = (int16_t)((int16_t)raw - SAMPLER_MIDDLE);
    struct clamp_sums *k = &s->filling->clamp[clamp];
    k->i += i;
    k->ii += (uint32_t)((int32_t)i * i);
    k->iv += (int32_t)i * s->v;
    k->iw += (int32_t)i * s->w;
    if (s->fresh) {
        s->filling->start.i[clamp] = i;
        if (clamp == CLAMPS - 1u) {
            s->fresh = 0;
            s->full = 1;
        }
    }
}

#endif
