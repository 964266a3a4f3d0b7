/* OpenESME's metering board with an ADE7953: two current channels over SPI, mode 0.
 *
 */
#include "ade7953.h"
#include "board-ic.h"

static struct ade7953 ic;

bool ic_read(struct ic_taken *taken, struct reading *r, const struct settings *s)
{
    return ade7953_read(&ic, taken, r, s);
}

void ic_refresh(const struct settings *s)
{
    ade7953_refresh(&ic, s);
}

uint16_t board_lost(void)
{
    return ic.lost;
}

int main(void)
{
    ic_run(0);
}
