/* OpenESME's metering board with an ATM90E32AS: three phases over SPI, mode 3.
 *
 */
#include "atm90e32.h"
#include "board-ic.h"

static struct atm90e32 ic;

bool ic_read(struct ic_taken *taken, struct reading *r, const struct settings *s)
{
    return atm90e32_read(&ic, taken, r, s);
}

void ic_refresh(const struct settings *s)
{
    atm90e32_refresh(&ic, s);
}

uint16_t board_lost(void)
{
    return ic.lost;
}

int main(void)
{
    ic_run(3);
}
