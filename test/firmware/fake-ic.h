/* A metering IC at the end of a wire, on a PC: bytes in, bytes out, and faults by the number of the transfer.
 * A test program includes it once and supplies ic_open, ic_answer and ic_close: the registers.
 */
#ifndef TEST_FAKE_IC_H
#define TEST_FAKE_IC_H

#include "fake-board.h"
#include "ic/ic.h"
#include "ic/spi.h"

static void ic_open(void);
static uint8_t ic_answer(uint8_t out);
static void ic_close(void);

static long transfers;            /* since the start */
static long faulty_from = -1;     /* the first transfer that reads wrongly ... */
static long faulty_count;         /* ... and how many do */
static uint8_t faulty_byte = 0xFF; /* what they read */

void spi_select(bool low)
{
    if (low) {
        transfers++;
        ic_open();
    } else {
        ic_close();
    }
}

uint8_t spi_byte(uint8_t out)
{
    const uint8_t in = ic_answer(out);
    const bool faulty = faulty_from >= 0 && transfers >= faulty_from && transfers < faulty_from + faulty_count;
    return faulty ? faulty_byte : in;
}

/** The next `count` transfers after `skip` more read all ones. */
static inline void damage(long skip, long count)
{
    faulty_from = transfers + 1 + skip;
    faulty_count = count;
}

/* What core/meter.c asks for beside what ic/ supplies: only a clamp board's windows use it. */
float edge_share(const struct edge *e)
{
    (void)e;
    return 0;
}

float power_bias(const struct window *w)
{
    (void)w;
    return 0;
}

void power_reading(struct reading *r, const struct window *w, const struct edge *end, uint32_t true_us, const struct settings *s)
{
    (void)r;
    (void)w;
    (void)end;
    (void)true_us;
    (void)s;
}

/** Energy counted so far, in units: whole mWh and the rest. */
static inline uint64_t counted(const struct meter *m, uint8_t k)
{
    return (uint64_t)m->energy.counter[k] * IC_UNITS_PER_mWh + m->energy.rest[k];
}

#endif
