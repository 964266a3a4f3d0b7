/* Driver of the ATM90E32AS: every read confirmed, energy registers touched only while the bus and the configuration are good.
 * A transfer is 16 bits of address, bit 15 = read, and 16 of data (Atmel-46003, "SPI interface").
 */
#include "atm90e32.h"

#include "spi.h"

#define READ 0x8000u
#define METER_EN 0x00u
#define PL_CONST_H 0x31u /* the first of a block of ten: constant, modes, thresholds */
#define OFFSETS 0x41u    /* P and Q of A, B, C */
#define ANGLES 0x47u     /* power gain and Phi of A, B, C */
#define GAINS 0x61u      /* Ugain, Igain, Uoffset, Ioffset of A, B, C */
#define LAST_SPI_DATA 0x78u
#define CFG_REG_ACC_EN 0x7Fu
#define ACCESS 0x55AAu
#define ENERGIES 0x80u /* forward P of T, A, B, C; then reverse P, forward Q, reverse Q */
#define P_MEAN 0xB0u   /* of T, A, B, C; then Q; what is under 16 bits 16 further on */
#define LOWER 0x10u
#define U_RMS_A 0xD9u
#define I_RMS_A 0xDDu
#define FREQ 0xF8u

#define BLOCK 10u
#define ANGLES_FROM (BLOCK + 6u)
#define GAINS_FROM (BLOCK + 12u)
#define CONFIGS 35u /* the last is MeterEn: the only one that is 0 after a reset and not here */

#define CF2_REACTIVE 0x0080u /* MMode0: as after a reset; bits 3 and 4 at 0 are the arithmetic sum, bits 2..0 the phases in it */
#define START_TH 0x1D4Cu     /* 2.4 W in 0.32 mW */
#define PHASE_TH 0x02EEu     /* 0.24 W */
#define DELAY_V 0x8000u      /* Phi: the voltage is delayed, not the current */
#define DELAY_MOST 1023
#define ALL_ONES 0xFFFFu
#define ECHOES 4u
#define STALE 2u
#define WRITTEN 1u
#define LEAST_mv 20000u /* under it there are no mains to have a frequency */

static uint16_t transfer(uint16_t head, uint16_t data)
{
    spi_select(true);
    spi_byte((uint8_t)(head >> 8));
    spi_byte((uint8_t)head);
    const uint8_t high = spi_byte((uint8_t)(data >> 8));
    const uint8_t low = spi_byte((uint8_t)data);
    spi_select(false);
    return (uint16_t)((uint16_t)high << 8 | low);
}

static uint16_t echo(void)
{
    return transfer(READ | LAST_SPI_DATA, 0);
}

/** A register, confirmed by the copy that the IC keeps of what it sent; all ones only where they can be. */
static bool confirmed(uint8_t address, bool ones, uint16_t *value)
{
    uint16_t before = transfer((uint16_t)(READ | address), 0);
    for (uint8_t n = 0; n <= ECHOES; n++) {
        const uint16_t again = echo();
        if (again == before && (ones || again != ALL_ONES)) {
            *value = again;
            return true;
        }
        before = again;
    }
    return false;
}

static uint16_t gain_word(int32_t gain)
{
    const uint32_t size = gain < 0 ? 0u - (uint32_t)gain : (uint32_t)gain;
    const uint32_t word = (size * 512u + 7812u) / 15625u; /* 0x8000 is 1,000,000 */
    return word > ALL_ONES ? ALL_ONES : (uint16_t)word;
}

static uint16_t phi_word(int32_t lead_mdeg)
{
    const int32_t size = lead_mdeg < 0 ? -lead_mdeg : lead_mdeg;
    const int32_t cycles = (size * 128 + 562) / 1125; /* of 2.048 MHz, at 50 Hz */
    const uint16_t word = (uint16_t)(cycles > DELAY_MOST ? DELAY_MOST : cycles);
    return lead_mdeg < 0 ? (uint16_t)(word | DELAY_V) : word;
}

static uint16_t offset_word(int16_t power)
{
    const int32_t steps = -(int32_t)power * 25 / 8; /* 0.32 mW, added to the power */
    return (uint16_t)(int16_t)(steps > INT16_MAX ? INT16_MAX : steps < INT16_MIN ? INT16_MIN : steps);
}

static uint16_t mode_word(uint8_t mask)
{
    return (uint16_t)(CF2_REACTIVE | (mask & 1u) << 2 | (mask & 2u) | (mask & 4u) >> 2);
}

/** Address of configuration register n (0..34) and what belongs in it. */
static uint16_t config(const struct settings *s, uint8_t n, uint8_t *address)
{
    static const uint16_t block[BLOCK] = {0x0861u, 0xC468u, 0, 0, START_TH, START_TH, START_TH, PHASE_TH, PHASE_TH, PHASE_TH};
    if (n < BLOCK) {
        *address = (uint8_t)(PL_CONST_H + n);
        return n == 2u ? mode_word(s->mask) : block[n];
    }
    if (n < ANGLES_FROM) {
        const uint8_t at = (uint8_t)(n - BLOCK);
        const struct calibration *k = &s->channel[at / 2u + 1u];
        *address = (uint8_t)(OFFSETS + at);
        return offset_word(at & 1u ? k->qoff : k->poff);
    }
    if (n < GAINS_FROM) {
        const uint8_t at = (uint8_t)(n - ANGLES_FROM);
        *address = (uint8_t)(ANGLES + at);
        return at & 1u ? phi_word((int32_t)s->channel[at / 2u + 1u].phase - s->channel[0].phase) : 0u;
    }
    if (n < CONFIGS - 1u) {
        const uint8_t at = (uint8_t)(n - GAINS_FROM);
        *address = (uint8_t)(GAINS + at);
        return at % 4u == 0u ? gain_word(s->channel[0].gain) : at % 4u == 1u ? gain_word(s->channel[at / 4u + 1u].gain) : 0u;
    }
    *address = METER_EN;
    return 1;
}

static bool holds(const struct settings *s, uint8_t n)
{
    uint8_t address;
    const uint16_t word = config(s, n, &address);
    uint16_t read;
    return confirmed(address, true, &read) && read == word;
}

/** Whether the configuration registers first..last are as written. */
static bool all_hold(const struct settings *s, uint8_t first, uint8_t last)
{
    bool good = true;
    transfer(CFG_REG_ACC_EN, ACCESS);
    for (uint8_t n = first; n <= last && good; n++) {
        good = holds(s, n);
    }
    transfer(CFG_REG_ACC_EN, 0);
    return good;
}

/** Writes every configuration register; whether they hold is for all_hold to say. */
static void configure(struct atm90e32 *ic, const struct settings *s)
{
    transfer(CFG_REG_ACC_EN, ACCESS);
    for (uint8_t n = 0; n < CONFIGS; n++) {
        uint8_t address;
        const uint16_t word = config(s, n, &address);
        transfer(address, word);
    }
    ic->settings = ic_settings_crc(s);
}

/** Whether the energy registers may be touched: the IC has not been reset, and the register whose turn it is holds. Settings
 *  that have just changed are not yet in the IC. */
static bool trusted(struct atm90e32 *ic, const struct settings *s, bool changed)
{
    ic->next = (uint8_t)((ic->next + 1u) % (CONFIGS - 1u));
    return all_hold(s, CONFIGS - 1u, CONFIGS - 1u) && (changed || all_hold(s, ic->next, ic->next));
}

static bool turned(const struct settings *s, uint8_t phase)
{
    return (s->channel[phase + 1u].gain < 0) != (s->channel[0].gain < 0);
}

/** What the IC would have summed, had it known which phases are turned round. */
static void sum_up(uint32_t *sums, const uint32_t *phases, uint8_t mask)
{
    for (uint8_t q = 0; q < 4u; q = (uint8_t)(q + 2u)) {
        int32_t net = 0;
        for (uint8_t phase = 0; phase < CLAMPS; phase++) {
            if (mask & (1u << phase)) {
                net += (int32_t)(phases[4u * phase + q] - phases[4u * phase + q + 1u]);
            }
        }
        sums[q] = net > 0 ? (uint32_t)net : 0u;
        sums[q + 1u] = net < 0 ? 0u - (uint32_t)net : 0u;
    }
}

static bool take_energies(uint32_t *flown, const struct settings *s)
{
    uint32_t now[COUNTERS] = {0};
    /* for all phases, also those that may not be read: the IC's sum is then of no use in any window */
    const bool swapped = turned(s, 0) || turned(s, 1) || turned(s, 2);
    bool good = true;
    for (uint8_t n = 0; n < COUNTERS && good; n++) {
        uint16_t counted = 0;
        good = confirmed((uint8_t)(ENERGIES + n), false, &counted);
        const uint8_t channel = n % 4u == 0u ? SUM_CHANNEL : n % 4u; /* T, A, B, C */
        const bool back = channel != SUM_CHANNEL && turned(s, (uint8_t)(channel - 1u));
        now[4u * (channel - 1u) + (n / 4u ^ (back ? 1u : 0u))] = (uint32_t)counted * ATM90E32_UNITS;
    }
    if (swapped) {
        sum_up(&now[4u * (SUM_CHANNEL - 1u)], now, s->mask);
    }
    for (uint8_t k = 0; k < COUNTERS; k++) {
        flown[k] += now[k];
    }
    return good;
}

static bool take_power(uint8_t address, bool back, int32_t *milli)
{
    uint16_t high;
    uint16_t low;
    if (!confirmed(address, true, &high) || !confirmed((uint8_t)(address + LOWER), true, &low)) {
        return false;
    }
    const int32_t raw = (int32_t)((uint32_t)high << 16 | low);
    const int32_t size = raw / 25 * 8 + raw % 25 * 8 / 25; /* 0.32 mW a step */
    const int32_t power = size > POWER_LIMIT ? POWER_LIMIT : size < -POWER_LIMIT ? -POWER_LIMIT : size;
    *milli = back ? -power : power;
    return true;
}

static bool take_reading(struct reading *r, const struct settings *s)
{
    uint16_t volts;
    uint16_t hertz;
    if (!confirmed(U_RMS_A, false, &volts) || !confirmed(FREQ, false, &hertz)) {
        return false;
    }
    r->v_mv = (uint32_t)volts * 10u;
    r->freq_mhz = r->v_mv < LEAST_mv ? 0u : (uint32_t)hertz * 10u;
    for (uint8_t phase = 0; phase < CLAMPS; phase++) {
        uint16_t amps;
        const bool back = turned(s, phase);
        /* full, all ones, from 65.5 A on: what flows is counted all the same */
        if (!confirmed((uint8_t)(I_RMS_A + phase), true, &amps) || !take_power((uint8_t)(P_MEAN + 1u + phase), back, &r->p_mw[phase]) ||
            !take_power((uint8_t)(P_MEAN + 5u + phase), back, &r->q_mvar[phase])) {
            return false;
        }
        r->i_ma[phase] = amps;
    }
    return true;
}

/** Throws away what was counted with another configuration. */
static void discard(void)
{
    for (uint8_t n = 0; n < COUNTERS; n++) {
        transfer((uint16_t)(READ | (ENERGIES + n)), 0);
    }
}

/** Puts the IC right after whatever befell it. True when it had kept its configuration: then what it has counted is good. */
static bool recover(struct atm90e32 *ic, const struct settings *s)
{
    if (all_hold(s, 0, CONFIGS - 1u)) {
        ic->settings = ic_settings_crc(s);
        ic->configured = true;
        return true;
    }
    configure(ic, s);
    ic->configured = all_hold(s, 0, CONFIGS - 1u);
    if (ic->configured) {
        discard();
    }
    return false;
}

bool atm90e32_read(struct atm90e32 *ic, struct ic_taken *taken, struct reading *r, const struct settings *s)
{
    if (!ic->configured && !recover(ic, s)) {
        return false;
    }
    const bool changed = ic->settings != ic_settings_crc(s);
    if (!trusted(ic, s, changed) || !take_reading(r, s) || !take_energies(taken->flown, s)) {
        ic->lost++;
        ic->configured = false;
        (void)recover(ic, s); /* the next window may then be whole again */
        return false;
    }
    ic->stale = changed ? STALE : 0u; /* what was measured before is taken */
    return true;
}

void atm90e32_refresh(struct atm90e32 *ic, const struct settings *s)
{
    if (ic->stale == STALE) {
        configure(ic, s);
        ic->stale = WRITTEN;
    } else if (ic->stale == WRITTEN) {
        ic->stale = 0;
        /* where others have come meanwhile, the next window will see to it */
        if (ic->settings == ic_settings_crc(s) && !all_hold(s, 0, CONFIGS - 1u)) {
            ic->lost++;
            ic->configured = false;
        }
    }
}
