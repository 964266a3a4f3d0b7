// The install code as people see it: 16 bytes and their CRC-16/X-25 (low byte first) as 36 hex digits, as ZigBee prints its own.

const BYTES = 16;

/** 16 bytes as `83FE D340 ... C3B5`. */
export function installCodeText(code: Uint8Array): string {
  const crc = crc16x25(code);
  const digits = [...code, crc & 0xff, crc >> 8].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.toUpperCase().replace(/(.{4})(?=.)/g, "$1 ");
}

/** The 16 bytes of a typed code; null where it is not one, or has a wrong digit. */
export function installCodeOf(typed: string): Uint8Array | null {
  const digits = typed.replace(/[\s-]/g, "");
  if (!/^[0-9a-fA-F]{36}$/.test(digits)) return null;
  const bytes = Uint8Array.from({ length: BYTES + 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
  const code = bytes.subarray(0, BYTES);
  const crc = crc16x25(code);
  return bytes[BYTES] === (crc & 0xff) && bytes[BYTES + 1] === crc >> 8 ? code : null;
}

/** Polynomial 0x1021 reflected, start and final xor 0xFFFF. */
function crc16x25(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
  }
  return crc ^ 0xffff;
}
