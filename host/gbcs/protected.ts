// What may be read encrypted only (class 30): attributes are read like others, and their values go into one sealed octet string.
// docs/spec/gbcs.md, "Protected attributes".

import { Utc_ms } from "../ledger/units.js";
import type { AccessItem } from "../wire/dlms/access.js";
import { type Data, structure } from "../wire/dlms/data.js";
import { decodeDateTime } from "../wire/dlms/date-time.js";
import { encodeData } from "../wire/dlms/encode.js";
import { decodeProtectedRequest, encodeProtectedResponse, type ProtectedAttribute } from "../wire/dlms/protected.js";
import { type Eui, euiOctets } from "./frame.js";
import { type ItemKey, itemKey, type Range } from "./item.js";
import type { MeterView } from "./meter-view.js";
import { itemOf } from "./table.js";

/** Encrypts for whom the command says; `31 00 00 00 00`, ciphertext, tag. */
export type Seal = (plaintext: Uint8Array) => Uint8Array;

const CLASS = 30;
const GET_PROTECTED_ATTRIBUTES = 1;

export function isProtectedRead(item: Pick<AccessItem, "kind" | "class" | "index">): boolean {
  return item.kind === "action" && item.class === CLASS && item.index === GET_PROTECTED_ATTRIBUTES;
}

/** The attributes that a protected read asks for; null where its data is none. */
export function protectedKeys(data: Data): readonly ItemKey[] | null {
  const request = decodeProtectedRequest(data);
  return request?.attributes.map((one) => attributeKey(one)) ?? null;
}

export function attributeKey({ class: cosemClass, obis, index }: ProtectedAttribute): ItemKey {
  return itemKey({ kind: "get", class: cosemClass, obis, index });
}

/** The data of the answer, its titles those of the message that carries it; null where the meter has no such attribute, or it is asked
 * for in no form that is known. */
export function readProtected(data: Data, view: MeterView, recipient: Eui, seal: Seal): Data | null {
  const request = decodeProtectedRequest(data);
  if (request === null) return null;
  const values: Data[] = [];
  for (const attribute of request.attributes) {
    const range = rangeOfAttribute(attribute);
    const value = range === null ? null : (itemOf(attributeKey(attribute))?.get?.(view, range) ?? null);
    if (value === null) return null;
    values.push(value);
  }
  const titles = { originator: euiOctets(view.identity), recipient: euiOctets(recipient) };
  const protection = { ...request.protection, ...titles };
  return encodeProtectedResponse({ protection, sealed: seal(encodeData(structure(...values))) });
}

/** Values that nobody asked for, sealed: the protection and the octets (ECS68). Its transaction is 04 and the counter. */
export function sealedValues(
  values: readonly Data[],
  originator: Eui,
  recipient: Eui,
  counter: bigint,
  seal: Seal,
): readonly Data[] {
  const transactionId = new Uint8Array(9);
  transactionId[0] = 4;
  new DataView(transactionId.buffer).setBigUint64(1, counter);
  const none = new Uint8Array(0);
  const protection = {
    transactionId,
    originator: euiOctets(originator),
    recipient: euiOctets(recipient),
    other: none,
    key: none,
  };
  const response = encodeProtectedResponse({ protection, sealed: seal(encodeData(structure(...values))) });
  return response.type === "structure" ? response.items : [];
}

const EVER: Range = { from: Utc_ms(Number.MIN_SAFE_INTEGER), to: Utc_ms(Number.MAX_SAFE_INTEGER) };

function rangeOfAttribute({ range }: ProtectedAttribute): Range | null {
  if (range === null) return EVER;
  const from = endOf(range.from, EVER.from);
  const to = endOf(range.to, EVER.to);
  return from === null || to === null || from > to ? null : { from, to };
}

/** All 00 or all FF, which are no time, leave that end open: inferred, as in a moment that is not specified. */
function endOf(octets: Uint8Array, open: Utc_ms): Utc_ms | null {
  const time = decodeDateTime(octets);
  if (time === undefined) return null;
  return time.kind === "moment" ? Utc_ms(time.utc_ms) : open;
}
