/* The two check sums of OpenESME: CRC-16/CCITT-FALSE for lines, snapshots and calibration, CRC-8 for EEPROM deltas.
 * Bit by bit: a table of 512 bytes would cost more than it saves at 3,840 bytes a second.
 * Specification: docs/spec/link.md, "A line" and "Power cuts". */
#ifndef CORE_CRC_H
#define CORE_CRC_H

#include <stdint.h>

#define CRC16_START 0xFFFFu

/** The CRC-16 after one more byte; begin with CRC16_START. "123456789" gives 0x29B1. */
uint16_t crc16(uint16_t crc, uint8_t byte);

/** The CRC-8 (polynomial 0x07) after one more byte; begin with 0. "123456789" gives 0xF4. */
uint8_t crc8(uint8_t crc, uint8_t byte);

#endif
