/* The whole meter on a PC: the golden trace, the codec against any bytes, half hours split pro rata, reports that hold together.
 *
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/crc.h"
#include "fake-board.h"

static struct meter meter;

static void fresh(void)
{
    blank_eeprom();
    meter_boot(&meter, 0x5eed1e57u, 1);
    settle(&meter);
    said_length = 0;
    said[0] = 0;
}

/** Sends `body` with its CRC and LF. */
static void command(const char *body)
{
    char line[200];
    uint16_t crc = CRC16_START;
    for (const char *c = body; *c != 0; c++) {
        crc = crc16(crc, (uint8_t)*c);
    }
    snprintf(line, sizeof line, "%s*%04X\n", body, crc);
    tell(&meter, line);
}

static bool said_begins(const char *text)
{
    return strncmp(said, text, strlen(text)) == 0;
}

/** Writes the fields of a board's line again with the codec and compares: CRC, numbers, words. */
static bool same_again(const char *line)
{
    struct link_out out;
    char body[310];
    said_length = 0;
    if (strlen(line) + 1u > LINK_BOARD_LONGEST) {
        return false;
    }
    snprintf(body, sizeof body, "%s", line);
    *strchr(body, '*') = 0;
    char *field = strtok(body, " ");
    out_letter(&out, field[0]);
    while ((field = strtok(NULL, " ")) != NULL) {
        char *end;
        const long long value = strtoll(field, &end, 10);
        if (*end != 0 || end == field) {
            for (const char *c = field; *c != 0; c++) {
                if (c == field) {
                    out_name(&out, *c);
                } else {
                    port_put((uint8_t)*c);
                    out.crc = crc16(out.crc, (uint8_t)*c);
                }
            }
        } else if (value < 0) {
            out_signed(&out, (int32_t)value);
        } else {
            out_unsigned(&out, (uint32_t)value);
        }
    }
    out_end(&out);
    return strncmp(said, line, strlen(line)) == 0 && said[strlen(line)] == '\n' && said_length == strlen(line) + 1u;
}

static void refused(const char *line, const char *reason, bool *held)
{
    char bytes[310];
    const uint16_t bad = meter.rx_bad;
    const uint16_t unknown = meter.rx_unknown;
    snprintf(bytes, sizeof bytes, "%s\n", line);
    tell(&meter, bytes);
    if (strcmp(reason, "unknown") == 0) {
        *held = said_length == 0u && meter.rx_unknown == unknown + 1u && meter.rx_bad == bad;
        return;
    }
    const char *second = said_length > 4u ? strchr(said + 2, ' ') : NULL;
    const size_t length = strlen(reason);
    *held = said[0] == 'N' && second != NULL && strncmp(second + 1, reason, length) == 0 &&
            (second[1 + length] == '*' || second[1 + length] == ' ') && meter.rx_bad == bad + 1u;
}

static void golden(void)
{
    FILE *file = fopen(GOLDEN, "r");
    char line[300];
    char claim[420];
    const char *answer = NULL; /* what of `said` has not been expected yet */
    unsigned lines = 0;
    check(file != NULL, "the golden trace is there");
    fresh();
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\r\n")] = 0;
        const char *text = line + 2;
        bool held = true;
        if (line[0] == '#') {
            continue;
        }
        lines++;
        if (line[0] == '>') {
            held = answer == NULL || *answer == 0;
            char bytes[310];
            snprintf(bytes, sizeof bytes, "%s\n", text);
            tell(&meter, bytes);
            answer = said;
        } else if (line[0] == '<' && answer != NULL) {
            held = strncmp(answer, text, strlen(text)) == 0 && answer[strlen(text)] == '\n';
            answer += held ? strlen(text) + 1u : 0u;
        } else if (line[0] == '<') {
            held = same_again(text);
        } else if (line[0] == '!') {
            char *tab = strchr(line, '\t');
            *tab = 0;
            refused(text, tab + 1, &held);
        } else {
            held = line[0] == 0 && (answer == NULL || *answer == 0);
            answer = NULL;
            lines--;
        }
        if (!held) {
            snprintf(claim, sizeof claim, "golden: %s (said %.90s)", line, said);
            check(false, claim);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    snprintf(claim, sizeof claim, "%u golden lines", lines);
    check(lines > 60u, claim);
}

static void codec(void)
{
    uint16_t sixteen = CRC16_START;
    uint8_t eight = 0;
    for (const char *c = "123456789"; *c != 0; c++) {
        sixteen = crc16(sixteen, (uint8_t)*c);
        eight = crc8(eight, (uint8_t)*c);
    }
    check(sixteen == 0x29B1u, "the CRC-16 of 123456789 is 29B1");
    check(eight == 0xF4u, "the CRC-8 of 123456789 is F4");

    fresh();
    for (int n = 0; n < 200000; n++) {
        meter.answer = ANSWER_NONE;
        meter_byte(&meter, (uint8_t)(chance() % 4u == 0u ? '\n' : chance()));
    }
    check(true, "200,000 random bytes do nothing that a sanitizer minds");
    tell(&meter, "\n");
    command("W 7");
    check(said_begins("A W 7*"), "and the next good line is understood");
    command("K 2 295928 0 0 0 77 x");
    check(said_begins("A K 2*"), "fields beyond the known ones are ignored");
    check(meter.settings.slope[1] == 77, "the sixth of K is the slope");
    command("K 2 295928 0 0 0");
    check(said_begins("A K 2*") && meter.settings.slope[1] == 0, "and a host that knows no slope means 0");
    command("U 0 0 41200 0");
    check(said_begins("N U range*"), "1970 is not a time");
    tell(&meter, "\r\n\n");
    check(said_length == 0u, "empty lines are no lines");
    fresh();
    said_length = 0;
    tell(&meter, "I 1.0*7E79\r\n");
    check(said_begins("I 1.1 "), "a CR before the LF is allowed");

    unsigned believed = 0;
    for (unsigned wrong = 1; wrong < 0x10000u; wrong <<= 1) {
        char line[20];
        snprintf(line, sizeof line, "I 1.1*%04X\n", 0x6E58u ^ wrong);
        tell(&meter, line);
        believed += said_begins("N ? crc*") ? 0u : 1u;
    }
    check(believed == 0u, "a CRC with any one bit wrong is wrong");

    blank_eeprom();
    meter_boot(&meter, 1, 1);
    said_length = 0;
    meter_byte(&meter, 'Y');
    for (const char *c = "*F588\n"; *c != 0; c++) {
        meter_byte(&meter, (uint8_t)*c);
    }
    check(!meter.store.ready, "before the boot's snapshot nothing is reported");
}

/** A window of ten cycles with 1 kW import on clamp 1, as the interrupt would leave it, of `ticks`. */
static void window(uint32_t ticks)
{
    static uint32_t now;
    static struct edge end;
    struct window w = {.sets = 892, .cycles = 10, .start = end};
    const int32_t vi = 4219; /* mean product: 237 mW a step * step */
    w.clamp[0].iv = vi * 892;
    w.clamp[0].iw = 1787 * 892; /* the cosine of the second tap: no reactive power */
    w.clamp[0].ii = 61u * 892u;
    w.vv = 83000u * 892u;
    if (meter.edge_ticks == 0u) {
        now = 0;
        end = (struct edge){.ticks = 0};
        w.start = end;
    }
    now += ticks;
    end.ticks = now + 28u; /* the crossing lies half a set before the first set of the next window */
    meter_window(&meter, &w, &end);
    settle(&meter);
}

static void half_hours(void)
{
    fresh();
    command("U 1795294800 0 0 0"); /* on a half hour */
    check(said_begins("A U*"), "UTC is told");
    for (int n = 0; n < 9000 * 2; n++) {
        window(50000);
    }
    said_length = 0;
    command("H 0");
    check(said_begins("H 1795296600 1 1 "), "the end of the half hour in which UTC became known is remembered, and the next");
    const char *second = strstr(said, "H 1795298400 1 1 ");
    const uint32_t whole = second == NULL ? 0u : (uint32_t)strtoul(second + strlen("H 1795298400 1 1 "), NULL, 10);
    check(meter.energy.counter[0] - whole < 512u + 60u, "its end is the counter's floor of 512 mWh");
    check(strstr(said, "\nA H 8*") != NULL, "four lines an end, one a channel, then their number");

    /* An edge 60 ms into a window of 200 ms. */
    const uint32_t before = meter.energy.counter[0];
    command("U 1795300199 940 3600000 0");
    window(50000);
    const uint32_t after = meter.energy.counter[0];
    const uint32_t split = ring_at(&meter.ring, 0, after, 1795300200u);
    check(meter.ring.edge_s == 1795302000u || meter.ring.count == 0u, "a step of UTC beyond 2 s empties the ring");
    check(after - before >= 54u && after - before <= 57u && split <= after, "a window across an edge is booked whole");

    fresh();
    meter.settings.channel[1].gain = 1000000;
    meter.settings.channel[0].gain = 2000000; /* 8.4 kW: 469 mWh a window */
    command("U 1795294799 940 0 0");
    window(50000); /* across the first edge: the anchor */
    const uint32_t first = meter.energy.counter[0] + 0u;
    const uint32_t anchored = (uint32_t)meter.ring.last[0] << RING_SHIFT;
    check(first >= 466u && first <= 472u && anchored == 0u, "before the edge lay 60 ms of 200: 141 mWh, its floor 0");
    for (int n = 0; n < 8999; n++) {
        window(50000);
    }
    const uint32_t at_start = meter.energy.counter[0]; /* 60 ms before the next edge */
    window(50000);
    const uint32_t at_end = meter.energy.counter[0];
    const uint32_t told = ring_at(&meter.ring, 0, at_end, 1795296600u);
    const uint32_t expected = at_start + (at_end - at_start) * 3u / 10u;
    check(expected - told < 513u && meter.ring.count == 1u,
          "an edge 60 ms into a window gives three tenths of it to the half hour before");
}

static void rates(void)
{
    fresh();
    command("U 1795294800 0 0 5000000");
    for (int n = 0; n < 5000; n++) {
        window(50000);
    }
    check(meter.clock.board_ms == 1000000u, "a thousand board seconds are a thousand board seconds");
    check(meter.clock.utc_s == 1795294800u + 1005u && meter.clock.utc_us == 0u,
          "and at 5,000,000 ppb 1,005 true ones, to the microsecond");
    const double wh = meter.energy.counter[0] / 1000.0;
    const double expected = meter.means.report.p_mw[0] / 1e6 * 1005.0 / 3.6;
    check(wh > expected * 0.9999 && wh < expected * 1.0001, "energy is booked in true time");
    const uint32_t utc = meter.clock.utc_s;
    command("U 1795295805 0 1000000 -5000000");
    check(meter.clock.utc_s == utc && meter.clock.rate_ppb == -5000000, "a U for the present moment does not move the clock");
    command("U 1795294800 0 0 0");
    check(meter.clock.utc_s == 1795295800u, "a U for a moment in the past is carried to now at its rate");
    meter.clock.board_ms = 20u;
    command("U 1795294800 0 4294967290 0");
    check(meter.clock.utc_s == 1795294800u && meter.clock.utc_us == 26000u, "even across the wrap of board time");
}

static void reports(void)
{
    fresh();
    for (int n = 0; n < 4; n++) {
        window(50000);
    }
    said_length = 0;
    window(50000);
    check(said_begins("R 1 1000 1 1 "), "a board second is reported at its end");
    check(strstr(said, "\nR 1 1000 1 2 ") && strstr(said, "\nR 1 1000 1 3 ") && strstr(said, "\nR 1 1000 1 4 ") &&
              strstr(said, "\nP 1 1000 "),
          "four R and a P, all of the same moment");
    unsigned longest = 0;
    unsigned length = 0;
    for (size_t n = 0; n < said_length; n++) {
        length++;
        longest = length > longest ? length : longest;
        length = said[n] == '\n' ? 0u : length;
    }
    check(longest <= LINK_BOARD_LONGEST, "no line is longer than 160 bytes");

    /* Windows that close while the lines are written do not change them. */
    for (int n = 0; n < 4; n++) {
        window(50000);
    }
    const uint32_t at = meter.energy.counter[0];
    struct window w = {.sets = 892, .cycles = 10};
    w.clamp[0].iv = 5000 * 892;
    struct edge end = {.ticks = meter.edge_ticks + 50028u};
    said_length = 0;
    meter_window(&meter, &w, &end);
    meter_poll(&meter);
    meter_poll(&meter);
    const uint32_t then = meter.energy.counter[0];
    for (int n = 0; n < 7; n++) {
        meter_poll(&meter);
    }
    end.ticks += 50000u;
    meter_window(&meter, &w, &end);
    settle(&meter);
    char expected[40];
    snprintf(expected, sizeof expected, " 1 1 %u ", then);
    check(then > at && meter.energy.counter[0] > then && strstr(said, expected) != NULL,
          "a report tells of its own moment, whatever closes while it is written");
}

int main(void)
{
    golden();
    codec();
    half_hours();
    rates();
    reports();
    return verdict();
}
