/* Driver of the ADE7953: every read confirmed, accumulators split by their sign here, once a window.
 * A transfer is 16 bits of address, 0x80 to read or 0 to write, and 1 to 4 bytes by the address (data sheet Rev. B, "SPI").
 */
#include "ade7953.h"

#include "spi.h"

#define READ 0x80u
#define WRITE 0x00u
#define UNLOCK 0x0FEu   /* 0xAD here lets the next write reach REQUIRED */
#define REQUIRED 0x120u /* 0x30 after every power-up: "Required register setting" */
#define CONFIG 0x102u
#define CONFIGURED 0x0004u /* high-pass filters on, bit 15 clear: SPI is the bus for good. After a reset it is set */
#define LAST_ADD 0x1FEu
#define AENERGYA 0x31Eu /* A, B; then reactive A, B */
#define AWATT 0x312u    /* A, B; then reactive A, B */
#define IRMSA 0x31Au    /* A, B, then the voltage */
#define VRMS 0x31Cu
#define PERIOD 0x10Eu

#define CONFIGS 13u /* the last is CONFIG */
#define ACCUMULATORS 4u
#define ALL_ONES 0xFFFFFFFFu
#define ECHOES 4u
#define STALE 2u
#define WRITTEN 1u
#define LEAST_mv 20000u

/* Full scale with the parts of README.md: 350.36 V and 106.33 A rms are 9,032,007; the 37,242 W that count 206,900 energies of
 * 0.05 mWh a second are 4,862,401. (Data sheet, "RMS measurement", "Active power calculation", "Active energy calculation".) */
#define MICRO_V_NUMERATOR 40675u /* / 2^20 mV a count */
#define MICRO_A_NUMERATOR 49381u /* / 2^22 mA a count */
#define MICRO_W_NUMERATOR 501952 /* / 2^16 mW a count */
#define PERIOD_mhz ((uint32_t)223750000)   /* 223.75 kHz over (PERIOD + 1), in mHz */

#define GAIN_LEAST ((uint32_t)0x200000)
#define GAIN_MOST ((uint32_t)0x600000)
#define DELAY_BACK 0x0200u /* PHCAL: sign and magnitude */
#define DELAY_MOST 383
#define UNIT_nj 90000000 /* 1/40 mWh */

static uint8_t width_of(uint16_t address)
{
    return (uint8_t)((address >> 8 & 3u) + 1u);
}

static uint32_t transfer(uint16_t address, uint8_t way, uint32_t data)
{
    uint32_t got = 0;
    spi_select(true);
    spi_byte((uint8_t)(address >> 8));
    spi_byte((uint8_t)address);
    spi_byte(way);
    for (uint8_t n = width_of(address); n-- > 0u;) {
        got = got << 8 | spi_byte((uint8_t)(data >> (8u * n)));
    }
    spi_select(false);
    return got;
}

static uint32_t ones_of(uint16_t address)
{
    return ALL_ONES >> (8u * (4u - width_of(address)));
}

/** Whether the bus can say anything but ones, and this register still says them. */
static bool says_ones(uint16_t address)
{
    return transfer(LAST_ADD, READ, 0) != ones_of(LAST_ADD) && transfer(address, READ, 0) == ones_of(address);
}

/** A register, confirmed by the copy that the IC keeps of what it sent; all ones only when the bus can say anything else. */
static bool confirmed(uint16_t address, uint32_t *value)
{
    const uint16_t last = (uint16_t)((address & 0x300u) | 0xFFu); /* LAST_RWDATA of the same width */
    uint32_t before = transfer(address, READ, 0);
    for (uint8_t n = 0; n <= ECHOES; n++) {
        const uint32_t again = transfer(last, READ, 0);
        if (again == before && (again != ones_of(address) || says_ones(last))) {
            *value = again;
            return true;
        }
        before = again;
    }
    return false;
}

/** A signed register of 24 bits read as 32: the upper eight are its sign, or something went wrong. */
static bool confirmed_signed(uint16_t address, int32_t *value)
{
    uint32_t word;
    if (!confirmed(address, &word) || (word >> 23 != 0u && word >> 23 != 0x1FFu)) {
        return false;
    }
    *value = (int32_t)word;
    return true;
}

static uint32_t gain_word(int32_t gain)
{
    const uint32_t size = gain < 0 ? 0u - (uint32_t)gain : (uint32_t)gain;
    const uint32_t word = size / 15625u * 65536u + (size % 15625u * 65536u + 7812u) / 15625u; /* 0x400000 is 1,000,000 */
    return word < GAIN_LEAST ? GAIN_LEAST : word > GAIN_MOST ? GAIN_MOST : word;
}

static uint16_t delay_word(int32_t lead_mdeg)
{
    const int32_t size = lead_mdeg < 0 ? -lead_mdeg : lead_mdeg;
    const int32_t cycles = (size * 179 + 1800) / 3600; /* of 895 kHz, at 50 Hz; positive delays the current */
    const uint16_t word = (uint16_t)(cycles > DELAY_MOST ? DELAY_MOST : cycles);
    return lead_mdeg < 0 && word != 0u ? (uint16_t)(word | DELAY_BACK) : word;
}

/** Address of configuration register n (0..12) and what belongs in it. */
static uint32_t config(const struct settings *s, uint8_t n, uint16_t *address)
{
    /* DISNOLOAD, LCYCMODE (read clears), PGA_V, PGA_IA, PGA_IB, WRITE_PROTECT, AIGAIN, AVGAIN, BIGAIN, BVGAIN, PHCALA, PHCALB */
    static const uint16_t addresses[CONFIGS] = {0x001u, 0x004u, 0x007u, 0x008u, 0x009u, 0x040u, 0x380u,
                                                0x381u, 0x38Cu, 0x38Du, 0x108u, 0x109u, CONFIG};
    *address = addresses[n];
    switch (n) {
    case 1:
        return 0x40u;
    case 6:
    case 8:
        return gain_word(s->channel[n / 2u - 2u].gain);
    case 7:
    case 9:
        return gain_word(s->channel[0].gain);
    case 10:
    case 11:
        return delay_word((int32_t)s->channel[n - 9u].phase - s->channel[0].phase);
    case 12:
        return CONFIGURED;
    default:
        return 0;
    }
}

/** Whether configuration register n is as written. */
static bool holds(const struct settings *s, uint8_t n)
{
    uint16_t address;
    const uint32_t word = config(s, n, &address);
    uint32_t read;
    return confirmed(address, &read) && read == word;
}

static bool all_hold(const struct settings *s)
{
    for (uint8_t n = 0; n < CONFIGS; n++) {
        if (!holds(s, n)) {
            return false;
        }
    }
    return true;
}

/** Writes every configuration register; whether they hold is for all_hold to say. */
static void configure(struct ade7953 *ic, const struct settings *s)
{
    transfer(UNLOCK, WRITE, 0xADu);
    transfer(REQUIRED, WRITE, 0x30u);
    for (uint8_t n = 0; n < CONFIGS; n++) {
        uint16_t address;
        const uint32_t word = config(s, n, &address);
        transfer(address, WRITE, word);
    }
    ic->settings = ic_settings_crc(s);
}

/** Whether the accumulators may be touched: the IC has not been reset, and the register whose turn it is holds. Settings that
 *  have just changed are not yet in the IC. */
static bool trusted(struct ade7953 *ic, const struct settings *s, bool changed)
{
    ic->next = (uint8_t)((ic->next + 1u) % (CONFIGS - 1u));
    return holds(s, CONFIGS - 1u) && (changed || holds(s, ic->next));
}

static bool turned(const struct settings *s, uint8_t current)
{
    return (s->channel[current + 1u].gain < 0) != (s->channel[0].gain < 0);
}

/** What an offset of `power` mW brought in this time, in units; what is under one is carried. */
static int32_t offset_units(int32_t *rest_nj, int16_t power, uint32_t time_us)
{
    if (power == 0) {
        return 0;
    }
    const int64_t nj = (int64_t)power * time_us + *rest_nj;
    const int32_t units = (int32_t)(nj / UNIT_nj);
    *rest_nj = (int32_t)(nj - (int64_t)units * UNIT_nj);
    return units;
}

/* Accumulator n: active A, active B, reactive A, reactive B. Offsets are taken off once, with the window that is read to its end. */
static bool take_energies(struct ade7953 *ic, struct ic_taken *taken, const struct settings *s)
{
    const uint32_t time_us = taken->span_us - ic->forgotten_us;
    int32_t counted[ACCUMULATORS];
    uint8_t had = 0;
    while (had < ACCUMULATORS && confirmed_signed((uint16_t)(AENERGYA + had), &counted[had])) {
        had++;
    }
    const bool good = had == ACCUMULATORS;
    int32_t sum[2] = {0, 0};
    for (uint8_t n = 0; n < had; n++) {
        const uint8_t current = n & 1u;
        const uint8_t kind = n >> 1;
        const struct calibration *k = &s->channel[current + 1u];
        const int32_t offset = good ? offset_units(&ic->rest_nj[n], kind ? k->qoff : k->poff, time_us) : 0;
        const int32_t units = (turned(s, current) ? -counted[n] : counted[n]) * ADE7953_UNITS - offset;
        ic_take_net(taken, (uint8_t)(2u * current + kind), units);
        sum[kind] += s->mask & (1u << current) ? units : 0;
    }
    for (uint8_t kind = 0; kind < 2u; kind++) {
        ic_take_net(taken, (uint8_t)(2u * (SUM_CHANNEL - 1u) + kind), sum[kind]);
    }
    return good;
}

static bool take_power(uint16_t address, bool back, int16_t offset, int32_t *milli)
{
    int32_t count;
    if (!confirmed_signed(address, &count)) {
        return false;
    }
    const int32_t power = (int32_t)((int64_t)count * MICRO_W_NUMERATOR / 65536);
    *milli = (back ? -power : power) - offset;
    return true;
}

static bool take_reading(struct reading *r, const struct settings *s)
{
    uint32_t volts;
    uint32_t period;
    if (!confirmed(VRMS, &volts) || !confirmed(PERIOD, &period)) {
        return false;
    }
    r->v_mv = (uint32_t)((uint64_t)volts * MICRO_V_NUMERATOR >> 20);
    r->freq_mhz = r->v_mv < LEAST_mv ? 0u : PERIOD_mhz / (period + 1u);
    for (uint8_t current = 0; current < ADE7953_CURRENTS; current++) {
        const struct calibration *k = &s->channel[current + 1u];
        const bool back = turned(s, current);
        uint32_t amps;
        if (!confirmed((uint16_t)(IRMSA + current), &amps) ||
            !take_power((uint16_t)(AWATT + current), back, k->poff, &r->p_mw[current]) ||
            !take_power((uint16_t)(AWATT + 2u + current), back, k->qoff, &r->q_mvar[current])) {
            return false;
        }
        r->i_ma[current] = (uint32_t)((uint64_t)amps * MICRO_A_NUMERATOR >> 22);
    }
    return true;
}

/** Throws away what was counted with another configuration. */
static void discard(struct ade7953 *ic, const struct ic_taken *taken)
{
    for (uint8_t n = 0; n < ACCUMULATORS; n++) {
        transfer((uint16_t)(AENERGYA + n), READ, 0);
    }
    ic->forgotten_us = taken->span_us;
}

/** Puts the IC right after whatever befell it. True when it had kept its configuration: then what it has counted is good. */
static bool recover(struct ade7953 *ic, const struct ic_taken *taken, const struct settings *s)
{
    if (all_hold(s)) {
        ic->settings = ic_settings_crc(s);
        ic->configured = true;
        return true;
    }
    configure(ic, s);
    ic->configured = all_hold(s);
    if (ic->configured) {
        discard(ic, taken);
    }
    return false;
}

bool ade7953_read(struct ade7953 *ic, struct ic_taken *taken, struct reading *r, const struct settings *s)
{
    if (!ic->configured && !recover(ic, taken, s)) {
        return false;
    }
    const bool changed = ic->settings != ic_settings_crc(s);
    if (!trusted(ic, s, changed) || !take_reading(r, s) || !take_energies(ic, taken, s)) {
        ic->lost++;
        ic->configured = false;
        (void)recover(ic, taken, s); /* the next window may then be whole again */
        return false;
    }
    ic->forgotten_us = 0; /* this window is booked, and the next one begins at 0 */
    ic->stale = changed ? STALE : 0u; /* what was measured before is taken */
    return true;
}

void ade7953_refresh(struct ade7953 *ic, const struct settings *s)
{
    if (ic->stale == STALE) {
        configure(ic, s);
        ic->stale = WRITTEN;
    } else if (ic->stale == WRITTEN) {
        ic->stale = 0;
        /* where others have come meanwhile, the next window will see to it */
        if (ic->settings == ic_settings_crc(s) && !all_hold(s)) {
            ic->lost++;
            ic->configured = false;
        }
    }
}
