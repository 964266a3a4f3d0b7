/* The two check sums, bit by bit, most significant bit first.
 * See crc.h for what they protect.
 */
#include "crc.h"

#include <stdbool.h>

uint16_t crc16(uint16_t crc, uint8_t byte)
{
    crc = (uint16_t)(crc ^ ((uint16_t)byte << 8));
    for (uint8_t bit = 0; bit < 8u; bit++) {
        const bool high = crc & 0x8000u;
        crc = (uint16_t)(crc << 1);
        if (high) {
            crc ^= 0x1021u;
        }
    }
    return crc;
}

uint8_t crc8(uint8_t crc, uint8_t byte)
{
    crc ^= byte;
    for (uint8_t bit = 0; bit < 8u; bit++) {
        const bool high = crc & 0x80u;
        crc = (uint8_t)(crc << 1);
        if (high) {
            crc ^= 0x07u;
        }
    }
    return crc;
}
