// CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, not reflected, no final xor (docs/spec/link.md).
// Over the characters of an ASCII line, one byte each.

const TABLE = Uint16Array.from({ length: 256 }, (_, index) => {
  let crc = index << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc & 0xffff;
});

/** The CRC of a text's characters (the low byte of each); `123456789` gives 0x29B1. */
export function crc16(text: string): number {
  let crc = 0xffff;
  for (let at = 0; at < text.length; at++) {
    crc = ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ (text.charCodeAt(at) & 0xff)] ?? 0);
  }
  return crc;
}

/** The CRC as a line carries it: four upper-case hex digits. */
export function crcDigits(text: string): string {
  return crc16(text).toString(16).toUpperCase().padStart(4, "0");
}
