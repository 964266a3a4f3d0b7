/* The ADE7953's driver against its registers: signed accumulators that are cleared by being read, a bus that lies, an IC that forgets.
 * The law: what is booked is what the IC accumulated, split by the sign of each window, and less only where `lost` says so.
 */
#include "check.h"
#include "fake-ic.h"
#include "ic/ade7953.h"

static uint32_t registers[0x400]; /* by address; 24 and 32 bits of one register at its 32-bit address */
static uint8_t frame[3];
static uint8_t bytes;
static uint32_t data;
static uint32_t last_data;
static uint16_t last_address;
static bool unlocked;
static struct ade7953 ic;
static struct meter meter;

bool ic_read(struct ic_taken *taken, struct reading *r, const struct settings *s)
{
    return ade7953_read(&ic, taken, r, s);
}

static uint16_t address(void)
{
    return (uint16_t)((frame[0] << 8 | frame[1]) & 0x3FF);
}

static uint8_t width(void)
{
    return (uint8_t)((address() >> 8) + 1);
}

static void ic_open(void)
{
    bytes = 0;
}

static uint8_t ic_answer(uint8_t out)
{
    const uint8_t n = bytes++;
    if (n < 3u) {
        frame[n] = out;
        data = 0;
        return 0;
    }
    if (frame[2] == 0u) {
        data = data << 8 | out;
        return 0;
    }
    const uint16_t at = address();
    const uint32_t value = (at & 0xFFu) == 0xFFu ? last_data : at == 0x1FEu ? last_address : registers[at];
    return (uint8_t)(value >> (8u * (width() + 2u - n)));
}

static void ic_close(void)
{
    const uint16_t at = address();
    if (bytes != width() + 3u || (at & 0xFFu) >= 0xFDu) {
        unlocked = at == 0x0FEu && data == 0xADu;
        return;
    }
    if (frame[2] == 0u) {
        if (at != 0x120u || unlocked) {
            registers[at] = data;
        }
        last_data = data;
    } else {
        last_data = registers[at];
        if (at >= 0x31Eu && at <= 0x321u) {
            registers[at] = 0;
        }
    }
    last_address = at;
    unlocked = false;
}

static void ic_reset(void)
{
    memset(registers, 0, sizeof registers);
    registers[0x004] = 0x40u;
    registers[0x102] = 0x8004u;
    registers[0x380] = registers[0x381] = registers[0x38C] = registers[0x38D] = 0x400000u;
    registers[0x31C] = 5929323u; /* 230 V */
    registers[0x10E] = 4474u;
}

static bool window(void)
{
    const bool closed = ic_window(&meter, 200000);
    ade7953_refresh(&ic, &meter.settings);
    ade7953_refresh(&ic, &meter.settings);
    settle(&meter);
    return closed;
}

static void fresh(void)
{
    blank_eeprom();
    memset(&ic_taken, 0, sizeof ic_taken);
    faulty_from = -1;
    faulty_byte = 0xFF;
    ic = (struct ade7953){.next = 0};
    ic_reset();
    meter_boot(&meter, 1, 1);
    ic_boot(&meter);
    settle(&meter);
    while (!window()) {
    }
}

/** The IC accumulates `n` in AENERGYA, AENERGYB, RENERGYA, RENERGYB. */
static void count(uint8_t at, int32_t n)
{
    registers[0x31Eu + at] += (uint32_t)n;
}

/** Units of channel 1, 2 or 4 (0, 1, 3), quantity ai ae ri re. */
static uint64_t booked(uint8_t channel, uint8_t quantity)
{
    return counted(&meter, (uint8_t)(4u * channel + quantity));
}

static void beginning(void)
{
    fresh();
    ic = (struct ade7953){.next = 0};
    ic_reset();
    count(0, 99999);
    check(!window() && registers[0x102] == 4u && registers[0x120] == 0x30u, "an IC out of its reset is unlocked and configured");
    check(window() && booked(0, 0) == 0u && ic.lost == 0u, "what it accumulated before is thrown away");
    count(0, 77);
    ic = (struct ade7953){.next = 0};
    check(window() && booked(0, 0) == 154u, "a board that boots finds its IC as it left it and books what it accumulated");
}

static void signs(void)
{
    fresh();
    count(0, 400);
    count(1, -1000);
    count(2, -30);
    window();
    check(booked(0, 0) == 800u && booked(1, 1) == 2000u && booked(0, 3) == 60u,
          "a window's energy goes to import or export by its sign");
    check(booked(3, 1) == 1200u && booked(3, 0) == 0u && booked(3, 3) == 60u, "the sum is signed before it is split");
    count(0, -1);
    window();
    check(booked(0, 1) == 2u && ic.lost == 0u, "-1 is an energy, though it reads as all ones");
    for (int n = 0; n < 1000; n++) {
        count(0, n % 2 ? 7 : -3);
        window();
    }
    check(booked(0, 0) == 800u + 7000u && booked(0, 1) == 2u + 3000u, "both ways, window by window, nothing netted and nothing dropped");
    meter.settings.mask = 1;
    window();
    const uint64_t before = booked(3, 0);
    count(0, 50);
    count(1, 50);
    window();
    check(booked(3, 0) == before + 100u, "the sum is over the set");
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
            count(0, 1000);
            count(1, -2000);
            count(2, 300);
            count(3, -400);
            damage(skip, run);
            for (int n = 0; n < 6; n++) {
                window();
            }
            const uint64_t good = booked(0, 0) + booked(1, 1) + booked(0, 2) + booked(1, 3);
            const uint64_t bad = booked(0, 1) + booked(1, 0) + booked(0, 3) + booked(1, 2);
            whole = whole && (run > 1 || (good == 7400u && bad == 0u && ic.lost == 0u));
            never_more = never_more && good <= 7400u && bad == 0u;
            told = told && (good == 7400u || ic.lost > 0u);
        }
    }
    check(length > 20 && whole, "one read of all ones, at any transfer of a window, costs nothing");
    check(never_more, "up to twelve running never add a phantom, nor a -1");
    check(told, "and where they cost an accumulator, `lost` says so");

    fresh();
    count(0, 1000);
    damage(0, 1000000);
    bool closed = false;
    for (int n = 0; n < 50; n++) {
        closed = window() || closed;
    }
    faulty_from = -1;
    check(!closed && window() && booked(0, 0) == 2000u && ic.lost == 1u,
          "a dead bus closes no window; when it is mended all is booked");
}

static void forgetting(void)
{
    fresh();
    count(0, 500);
    window();
    ic_reset();
    count(0, 33);
    check(!window() && ic.lost == 1u && registers[0x120] == 0x30u, "an IC that was reset is noticed and configured again");
    count(0, 500);
    check(window() && booked(0, 0) == 2000u, "and accumulates on");
    registers[0x381] ^= 0x10u;
    for (int n = 0; n < 16; n++) {
        window();
    }
    check(ic.lost == 2u && registers[0x381] == 0x400000u, "a gain that changed by itself is found within 13 windows");
}

static void settings(void)
{
    fresh();
    count(0, 100);
    meter.settings.channel[1] = (struct calibration){1010000, 1400, 9000, 0};
    meter.settings.channel[2] = (struct calibration){-990000, -1000, 0, 0};
    meter.settings.channel[0].gain = 1000001;
    window();
    check(registers[0x380] == 0x40A3D7u && registers[0x38C] == 0x3F5C29u && registers[0x381] == 0x400004u &&
              registers[0x38D] == 0x400004u,
          "gains are written, in millionths of 0x400000");
    check(registers[0x108] == 70u && registers[0x109] == (0x200u | 50u),
          "a lead of 1.4 degrees delays the current by 70 steps; signs apart");
    const uint64_t before = booked(0, 0);
    count(0, 1000);
    count(1, -40);
    window();
    check(booked(0, 0) == before + 2000u - 20u, "9 W of offset over 0.2 s are 20 units of 90 mJ, taken off");
    check(booked(1, 0) == 80u, "a channel turned round changes import and export");
}

static int64_t net_of(uint8_t channel)
{
    return (int64_t)booked(channel, 0) - (int64_t)booked(channel, 1);
}

static void offsets(void)
{
    bool once = true;
    for (long skip = 0; skip < 60; skip++) {
        fresh();
        meter.settings.channel[1].poff = 9000;
        window();
        window();
        const int64_t before = net_of(0);
        damage(skip, 12);
        for (int n = 0; n < 6; n++) {
            count(0, 1000);
            window();
        }
        once = once && (net_of(0) - before + 6 * 20) % 2000 == 0;
    }
    check(once, "an offset is taken off once for each moment, also where a window could not be read to its end");

    fresh();
    meter.settings.channel[1].poff = 9000;
    window();
    window();
    const int64_t before = net_of(0);
    const uint64_t exported = booked(0, 1);
    damage(0, 1000000);
    for (int n = 0; n < 50; n++) {
        window();
    }
    faulty_from = -1;
    ic_reset();
    window();
    count(0, 1000);
    window();
    check(net_of(0) - before == 2000 - 20 && booked(0, 1) == exported,
          "and never from energy that the IC forgot: that would be a phantom export");
}

static void readings(void)
{
    fresh();
    registers[0x31B] = 849447u; /* 10 A */
    registers[0x313] = 0u - 300294u;
    ic_window(&meter, 200000);
    meter_poll(&meter);
    const struct reading *r = &meter.reading;
    check(r->v_mv > 229990u && r->v_mv < 230010u && r->i_ma[1] > 9998u && r->i_ma[1] < 10002u, "volts and amperes are told");
    check(r->freq_mhz == 50000u && r->p_mw[1] < -2299900 && r->p_mw[1] > -2300100 && r->p_mw[3] == r->p_mw[1],
          "frequency and signed power too");
    check(r->p_mw[2] == 0 && r->i_ma[2] == 0u, "the third channel is not there");
}

int main(void)
{
    beginning();
    signs();
    faults();
    forgetting();
    settings();
    offsets();
    readings();
    return verdict();
}
