// EUI-64s of meters and parties that nobody has registered.

import { randomBytes } from "node:crypto";
import { type Eui, euiOf } from "../../gbcs/frame.js";

/** Locally administered, and of one device: nobody else's (IEEE: the bits 02 and 01 of the first octet). */
export function newEui(): Eui {
  const octets = randomBytes(8);
  octets[0] = ((octets[0] ?? 0) & 0xfc) | 0x02;
  return euiOf(octets);
}
