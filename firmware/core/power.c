/* The power of a window.
 *
 * The voltage of SAMPLER_TAPS sets ago is the voltage turned back by theta, theta = 2 pi cycles / sets * taps, measured in this
 * very window: iw = P cos theta + Q sin theta, which gives Q, exact at the fundamental whatever the mains frequency is. A clamp
 * sampled c conversions after the voltage, with a sensor that leads by its own phase, leads by alpha in all; turning P and Q by
 * alpha gives the mains'. No clock enters: only sets a cycle.
 *
 * What crosstalk adds stands still in that frame, whatever flows: it is taken off there. What is left is turned once more, by the
 * lead that the sensor has at this current beyond its lead at 5 A. The current is apparent power over voltage, not the rms one:
 * noise adds to that in every window (at 0.25 A and 1 step 60 %), but to the logarithm of this one nothing in the mean.
 */
#include "power.h"

#include <math.h>

#define PI_f 3.14159265f
#define TURN_PER_MILLIDEGREE (PI_f / 180000.0f)
#define OCTAVES_PER_LOG 0.72134752f /* of a current, in the natural logarithm of its square */
#define REFERENCE_a 5.0f
#define LEAST_a 0.25f /* the lead is held outside of these two */
#define MOST_a 100.0f
#define REFERENCE_mv 230000.0f

/* What all channels of a window share. */
struct span {
    float each;  /* weight of a set: 1 / sets in the whole cycles, with fractions at both ends */
    float from;  /* share of the first set's cell that is to be added ... */
    float to;    /* ... and of the next window's first set to be taken away */
    float step;  /* angle of the mains in a set; 0 without mains */
    float sin_w; /* of the second tap */
    float cos_w;
    float v;     /* mean voltage */
    float w;
    float leaked; /* square of the mains voltage, of that of 230 V */
};

float edge_share(const struct edge *e)
{
    const int16_t rise = (int16_t)(e->above + e->below);
    return rise > 0 ? (float)e->above / (float)rise - 0.5f : 0.0f;
}

float power_bias(const struct window *w)
{
    return (float)w->v / (float)w->sets;
}

/** Rounds once, symmetric about zero, and keeps within the limit. */
static int32_t rounded(float x)
{
    const float size = fabsf(x) + 0.5f;
    const int32_t whole = size < (float)POWER_LIMIT ? (int32_t)size : POWER_LIMIT;
    return x < 0.0f ? -whole : whole;
}

/** Mean over the span of a product whose sum is `sum`, and which was `first` in the first set and `next` in the set after. */
static float mean(const struct span *k, float sum, float first, float next)
{
    return (sum + k->from * first - k->to * next) * k->each;
}

static float root(float square)
{
    return square > 0.0f ? sqrtf(square) : 0.0f;
}

static void clamp_reading(struct reading *r, const struct window *w, const struct edge *end, const struct span *k, uint8_t clamp,
                          const struct settings *s)
{
    const struct clamp_sums *sums = &w->clamp[clamp];
    const struct calibration *cal = &s->channel[clamp + 1u];
    const float first = (float)w->start.i[clamp];
    const float next = (float)end->i[clamp];
    const float i = mean(k, (float)sums->i, first, next);
    const float ii = mean(k, (float)sums->ii, first * first, next * next) - i * i;
    float p = mean(k, (float)sums->iv, first * (float)w->start.v, next * (float)end->v) - i * k->v;
    float q = 0.0f;
    if (k->step > 0.0f) {
        const float turned = mean(k, (float)sums->iw, first * (float)w->start.w, next * (float)end->w) - i * k->w;
        const float lag = (turned - p * k->cos_w) / k->sin_w;
        const float alpha = k->step * 0.25f * (float)(clamp + 1u) +
                            ((float)cal->phase - (float)s->channel[0].phase) * TURN_PER_MILLIDEGREE;
        const float d = sinf(alpha);
        const float c = root(1.0f - d * d); /* alpha is under a quarter turn: 60 degrees of sensors, 7 of channels */
        q = lag * c + p * d;
        p = p * c - lag * d;
    }
    const float amperes = (float)cal->gain * 1e-6f; /* a step */
    const float scale = (float)s->channel[0].gain * 1e-3f * amperes;
    r->i_ma[clamp] = (uint32_t)rounded(root(ii) * fabsf(amperes) * 1000.0f);
    r->p_mw[clamp] = rounded(p * scale - (float)cal->poff * k->leaked);
    r->q_mvar[clamp] = rounded(q * scale - (float)cal->qoff * k->leaked);
}

static int32_t limited(int32_t sum)
{
    return sum > POWER_LIMIT ? POWER_LIMIT : sum < -POWER_LIMIT ? -POWER_LIMIT : sum;
}

void power_reading(struct reading *r, const struct window *w, const struct edge *end, uint32_t true_us, const struct settings *s)
{
    struct span k;
    k.from = edge_share(&w->start);
    k.to = edge_share(end);
    k.each = 1.0f / ((float)w->sets + k.from - k.to);
    k.step = 2.0f * PI_f * (float)w->cycles * k.each;
    k.sin_w = sinf(k.step * (float)SAMPLER_TAPS);
    k.cos_w = cosf(k.step * (float)SAMPLER_TAPS);
    k.v = mean(&k, (float)w->v, (float)w->start.v, (float)end->v);
    k.w = mean(&k, (float)w->w, (float)w->start.w, (float)end->w);

    const float vv = mean(&k, (float)w->vv, (float)w->start.v * (float)w->start.v, (float)end->v * (float)end->v) - k.v * k.v;
    const float mv = root(vv) * fabsf((float)s->channel[0].gain) * 1e-3f;
    r->v_mv = (uint32_t)rounded(mv);
    k.leaked = mv * mv * (1.0f / (REFERENCE_mv * REFERENCE_mv));
    const float hertz_m = (float)w->cycles * 1e9f / (float)true_us;
    r->freq_mhz = hertz_m >= 40000.0f && hertz_m <= 70000.0f ? (uint32_t)rounded(hertz_m) : 0u;

    for (uint8_t c = 0; c < CLAMPS; c++) {
        clamp_reading(r, w, end, &k, c, s);
    }
}

/** Turns a clamp's power back by what its sensor leads at this current beyond its lead at 5 A. */
static void turn_by_slope(struct reading *r, uint8_t clamp, int16_t slope)
{
    const float least = LEAST_a * LEAST_a / (REFERENCE_a * REFERENCE_a);
    const float most = MOST_a * MOST_a / (REFERENCE_a * REFERENCE_a);
    const float p = (float)r->p_mw[clamp];
    const float q = (float)r->q_mvar[clamp];
    const float reference = (float)r->v_mv * REFERENCE_a;
    const float square = (p * p + q * q) / (reference * reference);
    const float octaves = logf(square > most ? most : square > least ? square : least) * OCTAVES_PER_LOG;
    const float alpha = (float)slope * TURN_PER_MILLIDEGREE * octaves;
    const float d = alpha - alpha * alpha * alpha * (1.0f / 6.0f); /* at most 13 degrees: the sine to 5e-6 */
    const float c = root(1.0f - d * d);
    r->p_mw[clamp] = rounded(p * c - q * d);
    r->q_mvar[clamp] = rounded(q * c + p * d);
}

void power_settle(struct reading *r, const struct settings *s)
{
    r->p_mw[CLAMPS] = 0;
    r->q_mvar[CLAMPS] = 0;
    for (uint8_t c = 0; c < CLAMPS; c++) {
        if (s->slope[c] != 0 && r->freq_mhz != 0u) {
            turn_by_slope(r, c, s->slope[c]);
        }
        if (s->mask & (1u << c)) {
            r->p_mw[CLAMPS] = limited(r->p_mw[CLAMPS] + r->p_mw[c]);
            r->q_mvar[CLAMPS] = limited(r->q_mvar[CLAMPS] + r->q_mvar[c]);
        }
    }
}
