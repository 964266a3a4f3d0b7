/* The ATM90E32AS's driver against its registers: what is read is cleared, what the bus says may be wrong, the IC may forget.
 * The law: a counter never holds more than the IC counted, and less only where `lost` says so.
 */
#include "check.h"
#include "fake-ic.h"
#include "ic/atm90e32.h"

static uint16_t registers[256];
static uint32_t total[16];  /* what each energy register was ever given */
static uint32_t wasted[16]; /* of it, what the IC lost in a reset or was told to throw away */
static uint16_t last_data;
static uint8_t frame[4];
static uint8_t bytes;
static uint16_t answer;
static struct atm90e32 ic;
static struct meter meter;

bool ic_read(struct ic_taken *taken, struct reading *r, const struct settings *s)
{
    return atm90e32_read(&ic, taken, r, s);
}

static bool unlocked(void)
{
    return registers[0x7F] == 0x55AAu;
}

static void ic_open(void)
{
    bytes = 0;
}

static uint8_t ic_answer(uint8_t out)
{
    frame[bytes++ & 3u] = out;
    if (bytes == 2u) {
        answer = registers[frame[1]];
        if (frame[1] < 0x70u && !unlocked()) {
            answer = 0; /* the stricter way to read the data sheet */
        }
        if (frame[1] == 0x78u) {
            answer = last_data;
        }
    }
    return bytes == 3u ? (uint8_t)(answer >> 8) : bytes == 4u ? (uint8_t)answer : 0u;
}

static void ic_close(void)
{
    const uint8_t at = frame[1];
    if (bytes != 4u) {
        return;
    }
    if (frame[0] & 0x80u) {
        last_data = answer;
        if (at >= 0x80u && at < 0x90u) {
            registers[at] = 0;
        }
    } else {
        last_data = (uint16_t)(frame[2] << 8 | frame[3]);
        if (at >= 0x70u || unlocked()) {
            registers[at] = last_data;
        }
    }
}

static void ic_reset(void)
{
    for (uint8_t n = 0; n < 16u; n++) {
        wasted[n] += registers[0x80u + n];
    }
    memset(registers, 0, sizeof registers);
    registers[0x31] = 0x0861u;
    registers[0x32] = 0xC468u;
    registers[0x33] = 0x0087u;
    for (uint8_t phase = 0; phase < 3u; phase++) {
        registers[0x61u + 4u * phase] = 0x8000u;
        registers[0x62u + 4u * phase] = 0x8000u;
    }
}

/** The IC counts `n` in energy register 0x80 + at. */
static void count(uint8_t at, uint16_t n)
{
    registers[0x80u + at] = (uint16_t)(registers[0x80u + at] + n);
    total[at] += n;
}

static bool window(void)
{
    const bool closed = ic_window(&meter, 200000);
    atm90e32_refresh(&ic, &meter.settings);
    atm90e32_refresh(&ic, &meter.settings);
    settle(&meter);
    return closed;
}

static void fresh(void)
{
    blank_eeprom();
    memset(total, 0, sizeof total);
    memset(wasted, 0, sizeof wasted);
    memset(&ic_taken, 0, sizeof ic_taken);
    faulty_from = -1;
    ic = (struct atm90e32){.next = 0};
    ic_reset();
    memset(wasted, 0, sizeof wasted);
    meter_boot(&meter, 1, 1);
    ic_boot(&meter);
    settle(&meter);
    while (!window()) {
    }
}

/** The counter that energy register 0x80 + at belongs to. */
static uint8_t counter_of(uint8_t at)
{
    const uint8_t channel = at % 4u == 0u ? 4u : at % 4u;
    return (uint8_t)(4u * (channel - 1u) + at / 4u);
}

/** How many counts the counters are short of what the IC counted; negative: they hold too much. */
static int64_t missing(void)
{
    int64_t sum = 0;
    for (uint8_t at = 0; at < 16u; at++) {
        sum += (int64_t)(total[at] - wasted[at]) * ATM90E32_UNITS - (int64_t)counted(&meter, counter_of(at));
    }
    return sum / (int64_t)ATM90E32_UNITS;
}

static void beginning(void)
{
    fresh();
    ic = (struct atm90e32){.next = 0};
    ic_reset();
    count(1, 40000);
    check(!window() && registers[0] == 1u && registers[0x33] == 0x0087u && registers[0x35] == 0x1D4Cu && registers[0x62] == 0x8000u,
          "an IC out of its reset is configured, and its window does not close");
    check(window() && counted(&meter, 0) == 0u, "what it counted before is thrown away");
    check(registers[0x7F] == 0u && ic.lost == 0u, "its configuration is locked again");

    count(1, 77);
    ic = (struct atm90e32){.next = 0};
    check(window() && counted(&meter, 0) == 77u * ATM90E32_UNITS,
          "a board that boots finds its IC as it left it and books what it counted");
}

static void places(void)
{
    bool right = true;
    for (uint8_t at = 0; at < 16u; at++) {
        fresh();
        count(at, 8);
        window();
        for (uint8_t k = 0; k < COUNTERS; k++) {
            right = right && meter.energy.counter[k] == (k == counter_of(at) ? 25u : 0u);
        }
    }
    check(right, "each of the 16 energy registers goes to its counter: 8 counts are 25 mWh");
    fresh();
    for (int n = 0; n < 800; n++) {
        count(1, 1);
        count(5, 3);
        window();
    }
    check(meter.energy.counter[0] == 2500u && meter.energy.counter[1] == 7500u, "no part of a mWh is ever dropped");
}

static void faults(void)
{
    fresh();
    const long before = transfers;
    window();
    const long length = transfers - before;
    bool whole = true;
    bool never_more = true;
    bool told = true;
    for (long run = 1; run <= 12; run++) {
        for (long skip = 0; skip < length; skip++) {
            fresh();
            for (uint8_t at = 0; at < 16u; at++) {
                count(at, (uint16_t)(5u + at));
            }
            damage(skip, run);
            for (int n = 0; n < 6; n++) {
                window();
            }
            whole = whole && (run > 1 || (missing() == 0 && ic.lost == 0u));
            never_more = never_more && missing() >= 0;
            told = told && (missing() == 0 || ic.lost > 0u);
        }
    }
    check(length > 40 && whole, "one read of all ones, at any transfer of a window, costs nothing");
    check(never_more, "up to twelve running never add a phantom");
    check(told, "and where they cost a register, `lost` says so");

    fresh();
    count(0, 1000);
    count(1, 1000);
    damage(0, 100000);
    bool closed = false;
    for (int n = 0; n < 50; n++) {
        closed = window() || closed;
    }
    check(!closed && registers[0x81] == 1000u, "a bus that reads all ones closes no window and clears nothing");
    faulty_from = -1;
    check(window() && missing() == 0 && ic.lost == 1u, "when it is mended, all of it is booked");
    count(1, 1000);
    faulty_byte = 0;
    damage(0, 100000);
    closed = window();
    faulty_from = -1;
    faulty_byte = 0xFF;
    check(!closed && window() && missing() == 0, "and so it is with a bus that reads zero");
}

static void forgetting(void)
{
    fresh();
    count(1, 500);
    window();
    count(1, 20);
    ic_reset();
    check(!window() && ic.lost == 1u && registers[0] == 1u, "an IC that was reset is noticed and configured again");
    count(1, 500);
    check(window() && missing() == 0 && counted(&meter, 0) == 1000u * ATM90E32_UNITS, "and counts on; only what it forgot is lost");
    registers[0x33] |= 0x0018u; /* absolute sums */
    for (int n = 0; n < 40; n++) {
        window();
    }
    check(ic.lost == 2u && registers[0x33] == 0x0087u, "a configuration register that changed by itself is found within 35 windows");
}

static void settings(void)
{
    fresh();
    count(1, 100);
    meter.settings.channel[1] = (struct calibration){1010000, 1400, 1000, -2000};
    meter.settings.channel[0].phase = 4200;
    meter.settings.mask = 5;
    check(window() && missing() == 0, "new settings: what was counted before them is booked");
    check(registers[0x62] == 0x8148u && registers[0x33] == 0x0085u, "gain 1.01 is 0x8148, the sum takes phases A and C");
    check(registers[0x48] == (0x8000u | 319u) && registers[0x41] == (uint16_t)-3125 && registers[0x42] == 6250u,
          "a lead of -2.8 degrees delays the voltage by 319 cycles; offsets are subtracted");
    check(registers[0x7F] == 0u && ic.lost == 0u, "and nothing is lost by it");

    meter.settings.channel[2].gain = -1000000;
    meter.settings.mask = 3;
    window();
    count(1, 80);
    count(6, 30); /* phase B: reverse, turned round */
    count(0, 50);
    const uint64_t sum = counted(&meter, 12);
    window();
    check(counted(&meter, 4) == 30u * ATM90E32_UNITS && counted(&meter, 5) == 0u, "a phase turned round changes import and export");
    check(counted(&meter, 12) == sum + 110u * ATM90E32_UNITS, "and the board adds up by itself");
}

/** Import less export of channel 4, and of the phases in its set, all turned the right way round. */
static int64_t net_of(uint8_t channel)
{
    return (int64_t)counted(&meter, (uint8_t)(4u * (channel - 1u))) - (int64_t)counted(&meter, (uint8_t)(4u * (channel - 1u) + 1u));
}

static void turned_and_broken(void)
{
    bool sums = true;
    for (long run = 1; run <= 12; run++) {
        for (long skip = 0; skip < 100; skip++) {
            fresh();
            meter.settings.channel[2].gain = -1000000;
            window();
            window();
            count(0, 50); /* the IC's own sum knows nothing of the turn */
            count(1, 80);
            count(6, 30);
            damage(skip, run);
            for (int n = 0; n < 6; n++) {
                window();
            }
            sums = sums && net_of(4) == net_of(1) + net_of(2) + net_of(3);
        }
    }
    check(sums, "with a phase turned round, the sum is of the phases also where a window could not be read to its end");
}

static void readings(void)
{
    fresh();
    registers[0xD9] = 23012;
    registers[0xDE] = 4321;
    registers[0xF8] = 4998;
    registers[0xB2] = 0xFFFFu; /* phase B: -1000 W = -3,125,000 steps */
    const uint32_t back = 0u - 3125000u;
    registers[0xB2] = (uint16_t)(back >> 16);
    registers[0xC2] = (uint16_t)back;
    registers[0xB5] = 0x0001u; /* Q of A: 65,536 + 5 steps */
    registers[0xC5] = 5;
    ic_window(&meter, 200000);
    meter_poll(&meter);
    const struct reading *r = &meter.reading;
    check(r->v_mv == 230120u && r->i_ma[1] == 4321u && r->freq_mhz == 49980u, "volts, amperes and frequency are told");
    check(r->p_mw[1] == -1000000 && r->p_mw[3] == -1000000 && r->q_mvar[0] == 20973,
          "powers are signed, in steps of 0.32 mW, and summed");
}

static void half_hours(void)
{
    fresh();
    meter.clock.utc_s = 1800u * 1000u - 1u;
    meter.clock.utc_us = 900000u;
    ring_empty(&meter.ring, meter.clock.utc_s);
    ring_close(&meter.ring, meter.energy.counter); /* an anchor; the edge is then the next but one */
    meter.ring.edge_s -= 1800u;
    count(1, 32768);
    window();
    const uint32_t at_end = ring_at(&meter.ring, 0, meter.energy.counter[0], meter.ring.edge_s - 1800u);
    check(missing() == 0 && at_end == 51200u, "a window across a half-hour edge is split by time, and the parts are the whole");
}

int main(void)
{
    beginning();
    places();
    faults();
    forgetting();
    settings();
    turned_and_broken();
    readings();
    half_hours();
    return verdict();
}
