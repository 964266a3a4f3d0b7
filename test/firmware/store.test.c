/* Power cuts at every single EEPROM write, whatever the torn cell then holds; wear; calibration slots; the board's id.
 * Truth is the counters of the board that lost its power.
 */
#include <string.h>

#include "check.h"
#include "core/crc.h"
#include "core/restore.h"
#include "core/store.h"
#include "fake-board.h"

#define WINDOW_mwh 320u /* 23 kW for 50 ms: more than flows between two polls of a board */

static struct store store;
static struct settings settings;
static uint32_t counter[COUNTERS];

static void boot(void)
{
    powered = true;
    store_boot(&store, counter, &settings, 0x5eed1e57u);
}

/** Polls until nothing is to be written. */
static void finish(void)
{
    cut_after = -1;
    for (int n = 0; n < 3000; n++) {
        store_poll(&store, counter, &settings);
    }
}

/** Runs from the present EEPROM for `polls`, energy flowing, or to the cut. */
static void live(int polls, uint32_t salt)
{
    for (int n = 0; n < polls && powered; n++) {
        if (n % 3 == 0) {
            counter[(n / 3 + (int)salt) % (int)COUNTERS] += WINDOW_mwh;
        }
        store_poll(&store, counter, &settings);
    }
}

static uint32_t worst_loss;
static bool never_higher = true;

static void compare(const uint32_t truth[COUNTERS])
{
    for (uint8_t k = 0; k < COUNTERS; k++) {
        const uint32_t loss = truth[k] - counter[k];
        never_higher = never_higher && loss < 0x80000000u;
        if (loss < 0x80000000u && loss > worst_loss) {
            worst_loss = loss;
        }
    }
}

static void every_write(void)
{
    static uint8_t start[EEPROM_SIZE];
    blank_eeprom();
    boot();
    live(30000, 3); /* some pages on, so that old deltas lie about */
    finish();
    memcpy(start, cells, sizeof start);
    uint32_t start_counter[COUNTERS];
    memcpy(start_counter, counter, sizeof counter);

    long cuts = 0;
    bool boots_grow = true;
    for (int kind = 0; kind < 4; kind++) {
        for (long at = 0;; at++) {
            memcpy(cells, start, sizeof cells);
            torn = kind == 0 ? 0xFFu : kind == 1 ? 0x00u : (uint8_t)chance();
            boot();
            const uint32_t first_boot = store.boot;
            cut_after = at;
            live(60000, 0);
            if (powered) {
                break; /* the run ended before the cut */
            }
            cuts++;
            uint32_t truth[COUNTERS];
            memcpy(truth, counter, sizeof truth);
            boot();
            compare(truth);
            boots_grow = boots_grow && store.boot >= first_boot;
            /* and the boot after it may be cut as well */
            uint32_t once[COUNTERS];
            memcpy(once, counter, sizeof once);
            torn = (uint8_t)chance();
            cut_after = (long)(chance() % 80u);
            for (int n = 0; n < 400; n++) {
                store_poll(&store, counter, &settings);
            }
            cut_after = -1;
            boot();
            boots_grow = boots_grow && memcmp(once, counter, sizeof once) == 0;
        }
    }
    printf("     %ld cuts; worst loss %u mWh\n", cuts, worst_loss);
    check(cuts > 3000, "the cuts cover the boot, both pages and their turns");
    check(never_higher, "after a cut at any write, torn any way, no counter is higher than it was");
    check(worst_loss <= 20000u, "and none has lost more than the 20 Wh published, at 23 kW and more");
    check(boots_grow, "the boot number never falls, and a second cut in the boot that follows loses nothing more");
}

static void many_boots(void)
{
    blank_eeprom();
    memset(counter, 0, sizeof counter);
    boot();
    finish();
    bool right = true;
    uint32_t last = store.boot;
    for (int n = 0; n < 3000; n++) {
        uint32_t truth[COUNTERS];
        const uint32_t deltas = chance() % 30u;
        for (uint32_t d = 0; d < deltas; d++) {
            counter[chance() % COUNTERS] += 16384u;
        }
        finish();
        memcpy(truth, counter, sizeof truth);
        boot();
        finish();
        for (uint8_t k = 0; k < COUNTERS; k++) {
            right = right && counter[k] <= truth[k] && truth[k] - counter[k] < 16384u;
        }
        right = right && store.boot > last;
        last = store.boot;
    }
    check(right, "3,000 boots over pages full of old deltas never take one for theirs");
}

static void life(void)
{
    blank_eeprom();
    memset(counter, 0, sizeof counter);
    boot();
    finish();
    memset(wear, 0, sizeof wear);
    const uint32_t passes = 20;
    const uint32_t deltas = passes * 2u * DELTAS;
    for (uint32_t n = 0; n < deltas; n++) {
        counter[n % 3u] += 16384u;
        for (int poll = 0; poll < 30 + (int)(2u * DELTAS) * (store.index == DELTAS); poll++) {
            store_poll(&store, counter, &settings);
        }
    }
    finish();
    uint32_t most = 0;
    for (uint32_t at = 0; at < EEPROM_SIZE; at++) {
        most = wear[at] > most ? wear[at] : most;
    }
    const double mwh = (double)deltas * 16.384e-6;
    printf("     %u deltas: %u writes of the most worn cell; %.0f MWh in 100,000 writes\n", deltas, most, mwh / most * 100000);
    check(most <= passes + 1u, "every cell is written once a pass");
    check(mwh / most * 100000 > 10 * 365.25 * 0.060, "the life is more than ten years at 60 kWh a day over all counters");
}

static void slots(void)
{
    blank_eeprom();
    boot();
    finish();
    check(store.slot == SLOT_DEFAULT && settings.channel[1].gain == DEFAULT_CLAMP_GAIN_ua, "a blank board has the defaults");
    settings.channel[1] = (struct calibration){-123456, -30000, 29999, -1};
    settings.cycles = 5;
    settings.slope[0] = -3000;
    settings.slope[2] = 145;
    store_keep(&store);
    finish();
    check(!store.keep && store.slot == 0u, "kept settings are in slot 0");
    const struct settings first = settings;
    boot();
    finish();
    check(store.slot == 0u && memcmp(&first, &settings, sizeof first) == 0, "and come back, every value");

    uint8_t start[EEPROM_SIZE];
    memcpy(start, cells, sizeof start);
    struct settings second = settings;
    second.channel[1].gain = 7;
    second.channel[3].qoff = -30000;
    second.mask = 3;
    second.slope[0] = 2999;
    second.slope[1] = -1;
    bool either = true;
    bool old_until_last = true;
    long at = 0;
    for (int kind = 0; kind < 4; kind++) {
        for (at = 0;; at++) {
            memcpy(cells, start, sizeof cells);
            boot();
            finish();
            settings = second;
            store_keep(&store);
            torn = kind == 0 ? 0xFFu : kind == 1 ? 0x00u : (uint8_t)chance();
            cut_after = at;
            for (int n = 0; n < 200; n++) {
                store_poll(&store, counter, &settings);
            }
            if (powered) {
                break;
            }
            boot();
            const bool is_second = memcmp(&second, &settings, sizeof second) == 0;
            either = either && (is_second || memcmp(&first, &settings, sizeof first) == 0);
            old_until_last = old_until_last && (!is_second || torn == SETTINGS_VERSION);
        }
    }
    check(either && at > 20, "a cut at any write of a slot leaves the old settings or the new, never a mixture");
    check(old_until_last, "the new ones only once the last byte is written");
    finish();
    boot();
    check(store.slot == 1u && memcmp(&second, &settings, sizeof second) == 0, "uncut, the new ones are in slot 1");
}

/** Writes settings as firmware 0.1.0 did: version 1, no slopes. */
static void put_plain(uint8_t slot, const struct settings *s, uint16_t sequence)
{
    uint16_t crc = CRC16_START;
    uint8_t *image = &cells[SLOT_AT(slot)];
    for (uint8_t at = 0; at < 45u; at++) {
        image[at] = at == 0u ? 1u : settings_byte(s, sequence, at);
        crc = crc16(crc, image[at]);
    }
    image[45] = (uint8_t)crc;
    image[46] = (uint8_t)(crc >> 8);
}

static void older_slots(void)
{
    bool kept = true;
    bool either = true;
    long cuts = 0;
    for (uint8_t slot = 0; slot < 2u; slot++) {
        struct settings plain;
        settings_default(&plain);
        plain.channel[0] = (struct calibration){-801234, 4200, 0, 0};
        plain.channel[2] = (struct calibration){1999999, -30000, 29999, -30000};
        plain.cycles = 50;
        plain.mask = 5;
        struct settings older = plain;
        older.channel[2].gain = 3;
        struct settings sloped = plain;
        sloped.slope[1] = 145;
        sloped.channel[1].phase = 1;
        for (long at = 0;; at++) {
            blank_eeprom();
            put_plain(slot, &plain, 65535); /* the next is 0 */
            put_plain(slot ^ 1u, &older, 65534);
            boot();
            finish();
            kept = kept && store.slot == slot && memcmp(&plain, &settings, sizeof plain) == 0;
            settings = sloped;
            store_keep(&store);
            torn = (uint8_t)chance();
            cut_after = at;
            for (int n = 0; n < 200; n++) {
                store_poll(&store, counter, &settings);
            }
            const bool whole = powered;
            cut_after = -1;
            boot();
            finish();
            const bool is_new = memcmp(&sloped, &settings, sizeof sloped) == 0;
            either = either && (is_new ? store.slot != slot : memcmp(&plain, &settings, sizeof plain) == 0);
            if (whole) {
                either = either && is_new;
                break;
            }
            cuts++;
        }
    }
    check(kept, "a slot that firmware 0.1.0 wrote is read, its slopes 0");
    check(either && cuts > 30, "and stays in force until the one that follows it is whole");
    blank_eeprom();
    put_plain(0, &settings, 7);
    cells[SLOT_AT(0) + 20] ^= 1u;
    boot();
    check(store.slot == SLOT_DEFAULT && settings.slope[1] == 0, "one with a wrong CRC is none");
}

static void identity(void)
{
    blank_eeprom();
    boot();
    finish();
    store_boot(&store, counter, &settings, 0x11111111u);
    check(store.id == 0x5eed1e57u, "the id of a blank board comes from noise once and then stays");
    check(store.boot == 2u, "the second boot is number 2");
    bool sound = true;
    for (long at = 0; at < 80; at++) {
        blank_eeprom();
        boot();
        torn = (uint8_t)chance();
        cut_after = at;
        live(1000, 0);
        cut_after = -1;
        boot();
        finish();
        for (uint8_t k = 0; k < COUNTERS; k++) {
            sound = sound && counter[k] < WINDOW_mwh * 30u;
        }
        const uint32_t id = store.id;
        boot();
        sound = sound && store.id == id && store.boot >= 2u;
    }
    check(sound, "a blank board cut at any write of its first boot starts again, with an id that then stays");
    for (int n = 0; n < 2000; n++) {
        for (uint32_t at = 0; at < EEPROM_SIZE; at++) {
            cells[at] = (uint8_t)chance();
        }
        boot();
    }
    check(true, "2,000 EEPROMs of random bytes give a state");
    check(settings_valid(&settings), "with settings that are valid");
}

int main(void)
{
    every_write();
    many_boots();
    life();
    slots();
    older_slots();
    identity();
    return verdict();
}
