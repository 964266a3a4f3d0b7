// CRC-16/MODBUS: polynomial 0x8005 reflected (0xA001), start 0xFFFF, sent low byte first. Of "123456789" it is 0x4B37.

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

export function crc16Modbus(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return crc;
}

/** The bytes with their CRC after them. */
export function withCrc(bytes: Uint8Array): Uint8Array {
  const crc = crc16Modbus(bytes);
  const framed = new Uint8Array(bytes.length + 2);
  framed.set(bytes);
  framed[bytes.length] = crc & 0xff;
  framed[bytes.length + 1] = crc >>> 8;
  return framed;
}

/** Whether the last two bytes are the CRC of those before. */
export function crcHolds(frame: Uint8Array): boolean {
  if (frame.length < 4) return false;
  const crc = crc16Modbus(frame.subarray(0, -2));
  return frame[frame.length - 2] === (crc & 0xff) && frame[frame.length - 1] === crc >>> 8;
}
