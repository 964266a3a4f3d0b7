// What selective access asks of a log: from when to when, by GBCS's own object that tells seconds since 2000 and not by the Clock.
//
//   structure{ structure{ class 1, OBIS 0-0:94.44.100.255, attribute 2, data index 0 }, u32 from, u32 to, array{} }

import { array, type Data, i8, octets, structure, u16, u32 } from "./data.js";
import { bytesOf, itemsOf, numberOf } from "./forms.js";

/** The selector of a range. */
export const RANGE_SELECTOR = 1;

/** Seconds since 2000, both ends as they were told. */
export interface DlmsRange {
  readonly from_s: number;
  readonly to_s: number;
}

const SECONDS = { class: 1, obis: Uint8Array.of(0, 0, 94, 44, 100, 255), attribute: 2 };

export function rangeParameters(from_s: number, to_s: number): Data {
  const by = structure(u16(SECONDS.class), octets(SECONDS.obis), i8(SECONDS.attribute), u16(0));
  return structure(by, u32(from_s), u32(to_s), array());
}

/** Null where it is no range of the one form that GBCS has. */
export function rangeOf(parameters: Data): DlmsRange | null {
  const [by, from, to, columns] = itemsOf(parameters, "structure", 4) ?? [];
  const [of, obis, attribute, index] = itemsOf(by, "structure", 4) ?? [];
  const known =
    numberOf(of, "long-unsigned") === SECONDS.class &&
    bytesOf(obis, 6)?.every((octet, i) => octet === SECONDS.obis[i]) === true &&
    numberOf(attribute, "integer") === SECONDS.attribute &&
    numberOf(index, "long-unsigned") === 0;
  const from_s = numberOf(from, "double-long-unsigned");
  const to_s = numberOf(to, "double-long-unsigned");
  if (!known || from_s === null || to_s === null) return null;
  return itemsOf(columns, "array", 0) !== null ? { from_s, to_s } : null;
}
