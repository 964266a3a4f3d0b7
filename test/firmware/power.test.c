/* Waveforms through the sampler, conversion by conversion as the ADC takes them, to watts: against the physics.
 * The front end here has bias, half a step of dither, sensor phases; the meter's arithmetic is nowhere reused.
 */
#include <math.h>
#include <string.h>

#include "check.h"
#include "fake-board.h"

#define CONVERSION_s 56e-6
#define CONVERSION_ticks 14u
#define TURN 6.283185307179586

static struct meter meter;
static struct sampler sampler;

struct circuit {
    double hertz;
    double volts;       /* 0 = no mains */
    double amperes[3];
    double lag[3];      /* of the current behind the voltage, radians */
    double lead_v;      /* of the sensors, radians */
    double lead_i;      /* of the clamps at 5 A ... */
    double slope;       /* ... and more for each octave over it */
    double noise;       /* steps, half width */
    bool mirror;        /* clamp codes mirrored about the middle: the clamps turned round */
};

static double time_s;
static uint32_t conversion;
static uint32_t boundaries;

static uint16_t code(double steps, double noise)
{
    const double dither = ((double)chance() / 4294967296.0 * 2.0 - 1.0) * noise;
    const double raw = floor(steps + dither);
    return (uint16_t)(raw < 0.0 ? 0.0 : raw > 1023.0 ? 1023.0 : raw);
}

/** Lets a circuit run; the meter books what closes. */
static void run(const struct circuit *c, double seconds)
{
    for (const double end = time_s + seconds; time_s < end; time_s += CONVERSION_s, conversion++) {
        const double angle = TURN * c->hertz * time_s;
        const uint8_t channel = conversion % 4u;
        if (channel == 0u) {
            const double v = c->volts * sqrt(2.0) * sin(angle + c->lead_v) / 0.8;
            boundaries += sampler_voltage(&sampler, code(515.3 + v, c->noise), (uint16_t)(conversion * CONVERSION_ticks));
        } else {
            const double amperes = c->amperes[channel - 1];
            const double lead = c->lead_i + (c->slope != 0.0 && amperes > 0.0 ? c->slope * log2(amperes / 5) : 0.0);
            const double i = amperes * sqrt(2.0) * sin(angle - c->lag[channel - 1] + lead) / 0.295928;
            const uint16_t raw = code(509.7 + i, c->noise);
            sampler_clamp(&sampler, (uint8_t)(channel - 1u), c->mirror ? (uint16_t)(1024u - raw) : raw);
        }
        if (sampler.full) {
            meter_window(&meter, sampler_closed(&sampler), &sampler.filling->start);
            sampler_release(&sampler);
            const double level = floor(meter.bias / 16.0 + 0.5);
            sampler.level = (int8_t)level;
        }
        sampler.want = meter.settings.cycles;
        meter_poll(&meter);
    }
}

static void fresh(uint8_t cycles)
{
    blank_eeprom();
    meter_boot(&meter, 1, 1);
    settle(&meter);
    meter.settings.cycles = cycles;
    sampler_start(&sampler, cycles, 0);
    time_s = 0;
    conversion = 0;
    boundaries = 0;
    seed = 2463534242u;
}

/** Energy of pair (0..7) since `before`, signed, in mWh with its fraction. */
static double flown(const struct energy *before, uint8_t pair)
{
    const struct energy *now = &meter.energy;
    double sum = 0;
    for (uint8_t way = 0; way < 2u; way++) {
        const uint8_t k = (uint8_t)(2u * pair + way);
        const double part = (double)(now->counter[k] - before->counter[k]) +
                            ((double)now->rest[k] - (double)before->rest[k]) / (double)UNITS_PER_mWh;
        sum += way ? -part : part;
    }
    return sum;
}

static void factors(void)
{
    static const double hertz[] = {47.5, 50.0, 52.5};
    static const uint8_t cycles[] = {1, 5, 10, 50};
    for (unsigned h = 0; h < 3u; h++) {
        for (unsigned w = 0; w < 4u; w++) {
            struct circuit c = {.hertz = hertz[h], .volts = 230, .amperes = {10, 10, 10},
                                .lag = {0, TURN / 6, -TURN / 6}, .noise = 0.5};
            fresh(cycles[w]);
            run(&c, 2.2);
            const struct energy before = meter.energy;
            const uint32_t before_ms = meter.clock.board_ms;
            const double before_us = meter.clock.board_us;
            run(&c, 6.0);
            const double hours = ((meter.clock.board_ms - before_ms) * 1e-3 + (meter.clock.board_us - before_us) * 1e-6) / 3600.0;
            double worst = 0;
            for (uint8_t clamp = 0; clamp < 3u; clamp++) {
                const double p = flown(&before, (uint8_t)(2u * clamp)) / hours / 1000.0;
                const double q = flown(&before, (uint8_t)(2u * clamp + 1u)) / hours / 1000.0;
                const double p_error = fabs(p - 2300.0 * cos(c.lag[clamp])) / 2300.0;
                const double q_error = fabs(q - 2300.0 * sin(c.lag[clamp])) / 2300.0;
                worst = fmax(worst, fmax(p_error, q_error));
            }
            char claim[160];
            snprintf(claim, sizeof claim,
                     "%.1f Hz, %u cycles: P and Q at PF 1, 0.5 lagging and leading are right to 0.1 %% of 2.3 kVA (%.4f %%)",
                     hertz[h], cycles[w], worst * 100);
            check(worst < 0.001, claim);
            const double f = meter.means.report.freq_mhz / 1000.0;
            snprintf(claim, sizeof claim, "%.1f Hz, %u cycles: frequency (%.3f Hz) to 5 mHz, volts and amperes to 0.1 %%",
                     hertz[h], cycles[w], f);
            check(fabs(f - hertz[h]) < 0.005 && fabs(meter.means.report.v_mv / 230000.0 - 1) < 0.001 &&
                      fabs(meter.means.report.i_ma[2] / 10000.0 - 1) < 0.001,
                  claim);
        }
    }
}

static void sensors(void)
{
    struct circuit c = {.hertz = 50, .volts = 230, .amperes = {10, 10, 10}, .lag = {0, TURN / 6, -TURN / 6}, .noise = 0.5};
    c.lead_v = 5.5 * TURN / 360;
    c.lead_i = 3.1 * TURN / 360;
    fresh(10);
    meter.settings.channel[0].phase = 5500;
    for (int ch = 1; ch < 4; ch++) {
        meter.settings.channel[ch].phase = 3100;
    }
    run(&c, 4.2);
    bool right = true;
    for (int clamp = 0; clamp < 3; clamp++) {
        right = right && fabs(meter.means.report.p_mw[clamp] * 1e-3 - 2300 * cos(c.lag[clamp])) < 2.3 &&
                fabs(meter.means.report.q_mvar[clamp] * 1e-3 - 2300 * sin(c.lag[clamp])) < 2.3;
    }
    check(right, "sensors that lead by 5.5 and 3.1 degrees, told so, are right to 0.1 %");
}

/** Largest error of P over 20 s at PF 0.5, 0.5 A, 5 A and 60 A, of P itself; the clamps' lead grows by 0.145 degree an octave. */
static double sloped(double lag, int16_t told)
{
    struct circuit c = {.hertz = 50, .volts = 230, .amperes = {0.5, 5, 60}, .lag = {lag, lag, lag}, .noise = 0.5};
    c.lead_v = 4.2 * TURN / 360;
    c.lead_i = 3.1 * TURN / 360;
    c.slope = 0.145 * TURN / 360;
    fresh(10);
    meter.settings.channel[0].phase = 4200;
    for (int clamp = 0; clamp < 3; clamp++) {
        meter.settings.channel[clamp + 1].phase = 3100;
        meter.settings.slope[clamp] = told;
    }
    run(&c, 2.2);
    const struct energy before = meter.energy;
    const uint32_t before_ms = meter.clock.board_ms;
    run(&c, 20);
    const double hours = (meter.clock.board_ms - before_ms) / 3.6e6;
    double worst = 0;
    for (uint8_t clamp = 0; clamp < 3u; clamp++) {
        const double truth = 230 * c.amperes[clamp] * cos(lag);
        worst = fmax(worst, fabs(flown(&before, (uint8_t)(2u * clamp)) / hours / 1000.0 / truth - 1));
    }
    return worst;
}

/** What power_settle makes of 3 kW and 4 kvar for every 5 kVA at this current and slope: by how far it turns them, degrees. */
static double turned_deg(double amperes, int16_t slope)
{
    const double va = 230.0 * amperes;
    struct settings s;
    settings_default(&s);
    s.slope[1] = slope;
    s.mask = 2;
    struct reading r = {.freq_mhz = 50000, .v_mv = 230000, .p_mw = {0, (int32_t)(600 * va), 0}, .q_mvar = {0, (int32_t)(800 * va), 0}};
    power_settle(&r, &s);
    const double size = hypot(r.p_mw[1], r.q_mvar[1]) / 1000.0;
    const bool sound = fabs(size / va - 1) < 1e-4 && r.p_mw[CLAMPS] == r.p_mw[1] && r.q_mvar[CLAMPS] == r.q_mvar[1];
    return sound ? (atan2(r.q_mvar[1], r.p_mw[1]) - atan2(0.8, 0.6)) * 360 / TURN : 999;
}

static bool near(double one, double other, double by)
{
    return fabs(one - other) < by;
}

static void slopes(void)
{
    check(sloped(TURN / 6, 145) < 0.005 && sloped(-TURN / 6, 145) < 0.005,
          "0.5, 5 and 60 A at PF 0.5 either way with 0.145 degree an octave, told so, are right to 0.5 % of P");
    check(sloped(TURN / 6, 0) > 0.012 && sloped(-TURN / 6, 0) > 0.012, "and not told are over 1.2 % wrong");
    check(near(turned_deg(5, 3000), 0, 0.002) && near(turned_deg(10, 3000), 3, 0.002) && near(turned_deg(2.5, -3000), 3, 0.002),
          "an octave of current is the slope further, either way");
    const double ends = 3 * log2(20);
    check(near(turned_deg(100, 3000), ends, 0.002) && near(turned_deg(400, 3000), ends, 0.002) &&
              near(turned_deg(0.25, 3000), -ends, 0.01) && near(turned_deg(0.05, 3000), -ends, 0.02),
          "held at 100 A and 0.25 A, at the largest slope too");
    struct reading none = {.freq_mhz = 50000};
    struct settings s;
    settings_default(&s);
    s.slope[0] = s.slope[1] = s.slope[2] = -3000;
    power_settle(&none, &s);
    check(none.p_mw[0] == 0 && none.q_mvar[0] == 0, "no power at no voltage stays none");
    struct reading failing = {.v_mv = 100000, .p_mw = {5000}};
    power_settle(&failing, &s);
    check(failing.p_mw[0] == 5000 && failing.q_mvar[0] == 0, "a window without a frequency is not turned");
}

static void offsets(void)
{
    struct circuit c = {.hertz = 50, .volts = 253, .noise = 0.5};
    fresh(10);
    for (int ch = 1; ch < 4; ch++) {
        meter.settings.channel[ch].poff = 6000;
        meter.settings.channel[ch].qoff = -3000;
    }
    run(&c, 6);
    const int32_t p = meter.means.report.p_mw[0];
    const int32_t q = meter.means.report.q_mvar[0];
    check(p > -7260 - 900 && p < -7260 + 900 && q > 3630 - 900 && q < 3630 + 900, "offsets told at 230 V are 21 % more at 253 V");
    c.volts = 0;
    run(&c, 3);
    const struct energy before = meter.energy;
    run(&c, 120);
    bool unmoved = true;
    for (uint8_t pair = 0; pair < PAIRS; pair++) {
        unmoved = unmoved && near(flown(&before, pair), 0, 0.001);
    }
    check(unmoved, "and nothing without mains");
}

static void turned(void)
{
    struct circuit c = {.hertz = 50.1, .volts = 240, .amperes = {3, 0.3, 40}, .lag = {0.3, -1, 2}, .noise = 0.5};
    fresh(10);
    run(&c, 5);
    const struct energy straight = meter.energy;
    c.mirror = true;
    fresh(10);
    run(&c, 5);
    bool swapped = true;
    for (uint8_t pair = 0; pair < PAIRS; pair++) {
        swapped = swapped && straight.counter[2 * pair] == meter.energy.counter[2 * pair + 1] &&
                  straight.counter[2 * pair + 1] == meter.energy.counter[2 * pair] && straight.pot[pair] == -meter.energy.pot[pair];
    }
    check(swapped, "clamps turned round swap import and export, pots and all, to the unit");
    c.mirror = false;
    fresh(10);
    for (int ch = 1; ch < 4; ch++) {
        meter.settings.channel[ch].gain *= -1;
    }
    run(&c, 5);
    for (uint8_t pair = 0; pair < PAIRS; pair++) {
        swapped = swapped && straight.counter[2 * pair] == meter.energy.counter[2 * pair + 1] &&
                  straight.pot[pair] == -meter.energy.pot[pair];
    }
    check(swapped, "and so does a negative gain");
}

static void mains(void)
{
    struct circuit c = {.hertz = 50, .volts = 230, .amperes = {10, 0, 0}, .noise = 0.5};
    fresh(10);
    run(&c, 2.05);
    c.volts = 0;
    run(&c, 1.3);
    check(meter.means.report.freq_mhz == 0u || !sampler.locked, "without mains the sampler runs free");
    const uint32_t free_ms = meter.clock.board_ms;
    run(&c, 2.0);
    check(meter.clock.board_ms - free_ms == 2000u, "with windows of exactly 200 ms");
    check(meter.means.report.freq_mhz == 0u && meter.means.report.p_mw[0] < 200 && meter.means.report.p_mw[0] > -200,
          "that tell no frequency and no power");
    c.volts = 230;
    run(&c, 2.5);
    check(sampler.locked && meter.means.report.freq_mhz > 49990u && meter.means.report.freq_mhz < 50010u,
          "mains that return are locked to");
    check(meter.clock.board_ms > (uint32_t)(time_s * 1000.0) - 220u, "and no time is lost on the way");

    fresh(10);
    c.noise = 6;
    const uint32_t before = boundaries;
    run(&c, 10.05);
    check(boundaries - before >= 50u && boundaries - before <= 52u, "noise of +-6 steps adds no crossing in 500 cycles");

    c.noise = 0.5;
    c.amperes[0] = 0;
    fresh(10);
    run(&c, 130);
    bool unmoved = meter.energy.creep > 0u;
    for (uint8_t k = 0; k < COUNTERS; k++) {
        unmoved = unmoved && meter.energy.counter[k] == 0u && meter.energy.rest[k] == 0u;
    }
    check(unmoved, "two minutes without load move nothing and empty pots");
    c.amperes[0] = 0.02;
    run(&c, 240);
    check(meter.energy.counter[0] >= 200u && meter.energy.counter[0] <= 330u && meter.energy.counter[1] == 0u,
          "20 mA for four minutes is counted as import and nothing as export");
}

static void late(void)
{
    struct circuit c = {.hertz = 50, .volts = 230, .amperes = {10, 10, 10}, .noise = 0.5};
    fresh(1);
    run(&c, 1);
    uint32_t sets = 0;
    for (uint32_t n = 0; n < 4464u; n++) {
        for (uint8_t channel = 0; channel < 4u; channel++, conversion++, time_s += CONVERSION_s) {
            const uint16_t raw = code(512 + 400 * sin(TURN * 50 * time_s), 0.5);
            if (channel == 0u) {
                (void)sampler_voltage(&sampler, raw, (uint16_t)(conversion * CONVERSION_ticks));
            } else {
                sampler_clamp(&sampler, (uint8_t)(channel - 1u), raw);
            }
        }
    }
    check(sampler.full == 1u, "a main loop that does not come finds one closed window");
    sets = sampler_closed(&sampler)->sets;
    check(sets + sampler.filling->sets >= 4464u, "and all other sets in the one that grew: no conversion is skipped");
}

int main(void)
{
    factors();
    sensors();
    slopes();
    offsets();
    turned();
    mains();
    late();
    return verdict();
}
