/* Booking what a metering IC has counted: core/energy.h kept by other means, so that the meter, the ring and the store need not know.
 * Power and gate are the clamp board's; here the energy itself comes from the IC's registers and only its time is divided.
 */
#include "../core/energy.h"

#include "ic.h"

struct ic_taken ic_taken;

void ic_take_net(struct ic_taken *taken, uint8_t pair, int32_t units)
{
    if (units < 0) {
        taken->flown[2u * pair + 1u] += 0u - (uint32_t)units;
    } else {
        taken->flown[2u * pair] += (uint32_t)units;
    }
}

uint32_t energy_gate_mw(uint8_t cycles)
{
    (void)cycles;
    return 0; /* the IC has its own starting threshold */
}

/** Adds units to a counter; what is under one mWh is its rest. */
static void book(struct energy *e, uint8_t counter, uint32_t units)
{
    const uint32_t sum = e->rest[counter] + units;
    const uint32_t whole = sum / IC_UNITS_PER_mWh;
    e->rest[counter] = sum % IC_UNITS_PER_mWh;
    e->counter[counter] += whole;
    e->since[counter] = (uint16_t)(e->since[counter] + whole);
    if (counter < 2u) {
        e->pulses = (uint16_t)(e->pulses + whole);
    }
}

void energy_flow(struct energy *e, uint8_t pair, int32_t power, uint32_t true_us, uint32_t gate_mw)
{
    (void)power;
    (void)gate_mw;
    for (uint8_t way = 0; way < 2u; way++) {
        const uint8_t k = (uint8_t)(2u * pair + way);
        uint32_t *flown = &ic_taken.flown[k];
        const uint32_t part = true_us >= ic_taken.span_us ? *flown : (uint32_t)((uint64_t)*flown * true_us / ic_taken.span_us);
        *flown -= part;
        book(e, k, part);
    }
}

void energy_judge(struct energy *e, uint32_t true_us)
{
    (void)e;
    ic_taken.span_us = true_us >= ic_taken.span_us ? 0u : ic_taken.span_us - true_us;
}
