/* The whole meter, without its pins: windows and bytes go in, lines and EEPROM writes come out.
 * The board's main loop calls these four functions; so do the tests on a PC.
 *
 *    window --> clock --> power --> energy --> ring, report --> lines.c --> port
 *    byte ----> link_in ----------> commands.c ---------------/     store --> EEPROM */
#ifndef CORE_METER_H
#define CORE_METER_H

#include "clock.h"
#include "energy.h"
#include "link.h"
#include "power.h"
#include "ring.h"
#include "settings.h"
#include "store.h"

/* Lines of a report that wait, one bit each; channels 1..4 are bits 0..3. */
#define REPORT_POWER 0x10u
#define REPORT_DIAGNOSIS 0x20u

enum answer { ANSWER_NONE, ANSWER_DONE, ANSWER_REFUSED, ANSWER_IDENTITY };

#define SUM_STEP_mw 8 /* the sums of a second's powers are in 8 mW: 70 windows of 134 kW fit 32 bits */

/* Sums over the windows since the last report, and the means that report tells. */
struct means {
    struct reading sum;    /* powers in steps of SUM_STEP_mw */
    struct reading report;
    uint8_t windows;
    uint8_t locked; /* windows with mains: the frequency is their mean */
};

struct meter {
    struct settings settings;
    struct clock clock;
    struct energy energy;
    struct store store;
    struct reading reading; /* of the last window */
    uint32_t reading_us;    /* how long it was, true time; 0 when it is booked */
    struct means means;
    struct link_in in;
    struct link_out out;
    uint32_t edge_ticks;   /* when the last window ended, crossing interpolated */
    uint32_t seq;          /* board seconds since boot */
    uint32_t next_ms;      /* board time of the next report */
    uint32_t report_ms;    /* board time of the report under way */
    uint32_t history_s;    /* end of the half hour H tells next */
    uint16_t rx_bad;
    uint16_t rx_unknown;
    int16_t bias;          /* of the voltage, 1/16 ADC step from SAMPLER_MIDDLE */
    uint8_t report;        /* lines of the report that wait */
    uint8_t answer;        /* enum answer */
    uint8_t about;         /* letter the answer is about */
    uint8_t word;          /* of a refusal */
    uint8_t told[3];       /* numbers of an answer */
    uint8_t told_count;
    uint8_t line;          /* letter of the line being written, 0 = none */
    uint8_t line_channel;
    uint8_t field;         /* of that line, next */
    uint8_t history;       /* channel H tells next, 0 = no H under way */
    uint8_t history_lines; /* told so far */
    uint8_t listing;       /* channel C tells next + 1, 0 = no C under way */
    bool settled;          /* the reading has its slopes and its sum */
    bool exporting;        /* clamp 1, by its last window */
    bool keeping;          /* a Y waits for its answer */
    uint8_t reset_cause;
    struct ring ring;
};

/** Restores what the EEPROM holds. `noise` becomes the id of a blank board; reset_cause is the MCUSR at boot. */
void meter_boot(struct meter *m, uint32_t noise, uint8_t reset_cause);

/** Reads a closed window that ended at `end`; the next meter_poll settles it, the one after books it. */
void meter_window(struct meter *m, const struct window *w, const struct edge *end);

/** Whether a byte may be given to meter_byte: not while an answer waits. */
bool meter_listens(const struct meter *m);

/** Takes a byte of the host. */
void meter_byte(struct meter *m, uint8_t byte);

/** Settles or books a window that waits, or writes the next field of a line if there is room, and the next byte of EEPROM. */
void meter_poll(struct meter *m);

/** Does what a command says (commands.c) ... */
void meter_command(struct meter *m, const struct command *c);

/** ... or refuses it: letter, word of words.h. */
void meter_refuse(struct meter *m, uint8_t letter, uint8_t word);

/** ... or says it is done, with `count` (0..3) numbers. */
void meter_done(struct meter *m, uint8_t letter, uint8_t count, uint8_t first, uint8_t second, uint8_t third);

/** Writes field m->field of m->line (lines.c); true when that was its end. */
bool meter_field(struct meter *m);

/** Least free stack seen since boot, bytes; conversions found missing. Supplied by the board. */
uint16_t board_stack_free(void);
uint16_t board_lost(void);
/** CRC-32 of the sources. Supplied by the build. */
uint32_t board_build(void);

#endif
