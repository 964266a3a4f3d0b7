/* The power of a window.
 *
 * The voltage of SAMPLER_TAPS sets ago is the voltage turned back by theta, theta = 2 pi cycles / sets * taps, measured in this
 * very window: iw = P cos theta + Q sin theta, which gives Q, exact at the fundamental whatever the mains frequency is. A clamp
 * sampled c conversions after the voltage, with a sensor that leads by its own phase, leads by alpha in all; turning P and Q by
 * alpha gives the mains'. No clock enters: only sets a cycle.
 */
#include "power.h"

#include <math.h>

#define PI_f 3.14159265f
#define TURN_PER_MILLIDEGREE (PI_f / 180000.0f)

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
    r->p_mw[clamp] = rounded(p * scale - (float)cal->poff);
    r->q_mvar[clamp] = rounded(q * scale - (float)cal->qoff);
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
    r->v_mv = (uint32_t)rounded(root(vv) * fabsf((float)s->channel[0].gain) * 1e-3f);
    const float hertz_m = (float)w->cycles * 1e9f / (float)true_us;
    r->freq_mhz = hertz_m >= 40000.0f && hertz_m <= 70000.0f ? (uint32_t)rounded(hertz_m) : 0u;

    r->p_mw[CLAMPS] = 0;
    r->q_mvar[CLAMPS] = 0;
    for (uint8_t c = 0; c < CLAMPS; c++) {
        clamp_reading(r, w, end, &k, c, s);
        if (s->mask & (1u << c)) {
            r->p_mw[CLAMPS] = limited(r->p_mw[CLAMPS] + r->p_mw[c]);
            r->q_mvar[CLAMPS] = limited(r->q_mvar[CLAMPS] + r->q_mvar[c]);
        }
    }
}
