// The firmware image as avr-gcc writes it: Intel HEX, into the 32 KiB of an ATmega328P's flash.
import { fault, type SimFault } from "./scenario.js";

const FLASH_BYTES = 32_768;

/** Flash as the CPU reads it, 16-bit words, 0xFFFF where nothing was written. */
export type Flash = Uint16Array;

/** Record types 00 data, 01 end, 02 and 04 address extensions; 03 and 05 tell a start address and mean nothing here. */
export function readHex(text: string, name = "the image"): Flash | SimFault {
  const bytes = new Uint8Array(FLASH_BYTES).fill(0xff);
  let base = 0;
  let ended = false;
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line === "") continue;
    const wrong = (what: string) => fault(`${name}, line ${at + 1}: ${what}`);
    if (!/^:([0-9a-fA-F]{2}){5,}$/.test(line)) return wrong("not a record of Intel HEX");
    const record = Buffer.from(line.slice(1), "hex");
    const length = record[0]!;
    if (record.length !== length + 5) return wrong("its length is not what it says");
    if (record.reduce((sum, byte) => sum + byte, 0) % 256 !== 0) return wrong("its sum is wrong");
    const data = record.subarray(4, 4 + length);
    const type = record[3]!;
    if (type === 0) {
      const from = base + record.readUInt16BE(1);
      if (from + length > FLASH_BYTES) return wrong("beyond 32 KiB of flash");
      bytes.set(data, from);
    }
    if (type === 1) ended = true;
    if (type === 2) base = data.readUInt16BE(0) * 16;
    if (type === 4) base = data.readUInt16BE(0) * 65_536;
  }
  return ended ? new Uint16Array(bytes.buffer) : fault(`${name} has no end record: it is cut off`);
}
