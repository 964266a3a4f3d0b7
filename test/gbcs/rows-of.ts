// What the official answers say, row by row: each item of each answer of the electricity meter's use cases with the data that stands
// there, decrypted where it is protected (by node:crypto and the published test keys only), and a meter that has learnt of such rows.

import { createDecipheriv, createHash, createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { momentOf2000 } from "../../host/gbcs/codecs.js";
import { decodeMessage, type Message } from "../../host/gbcs/frame.js";
import { type ItemKey, itemKey, type Range } from "../../host/gbcs/item.js";
import { Draft, type MeterView, type ReadHalfHour } from "../../host/gbcs/meter-view.js";
import { newLive, newState } from "../../host/ledger/state/state.js";
import { Utc_ms } from "../../host/ledger/units.js";
import {
  type AccessItem,
  type AccessResult,
  decodeAccessRequest,
  decodeAccessResponse,
} from "../../host/wire/dlms/access.js";
import type { Data } from "../../host/wire/dlms/data.js";
import { decodeDateTime } from "../../host/wire/dlms/date-time.js";
import { decodeData } from "../../host/wire/dlms/decode.js";
import { decodeProtectedRequest, decodeProtectedResponse } from "../../host/wire/dlms/protected.js";
import { rangeOf } from "../../host/wire/dlms/range.js";
import { pairs, type Reference, type ReferenceKey } from "./reference.js";

export interface Row {
  /** The pair of command and answer. */
  readonly pair: string;
  readonly kind: AccessItem["kind"];
  readonly key: ItemKey;
  /** What the command gives with a set or an action. */
  readonly given: Data;
  readonly result: number;
  /** What the answer gives: of a protected read, of one of its attributes. */
  readonly data: Data;
  readonly range: Range;
}

/** All of a log. */
export const ALL: Range = { from: momentOf2000(0), to: momentOf2000(2 ** 32 - 1) };

/** Every row of every answer in DLMS, in order, the failed ones included. */
export function rowsOf({ messages, keystore }: Reference): readonly Row[] {
  return pairs(messages).flatMap(({ name, command, response }) => {
    const asked = messageOf(command.hex);
    const answered = messageOf(response.hex);
    const request = decodeAccessRequest(asked.content);
    const answer = decodeAccessResponse(answered.content);
    if (!request.ok || !answer.ok) return [];
    return request.value.items.flatMap((item, at) => {
      const told = answer.value.results[at] as AccessResult;
      const protectedRows = told.result === 0 ? unsealed(item, told.data, answered, keystore) : null;
      if (protectedRows !== null) return protectedRows.map((row) => ({ pair: name, ...row }));
      const range = item.selection === null ? null : rangeOf(item.selection.parameters);
      const within = range === null ? ALL : { from: momentOf2000(range.from_s), to: momentOf2000(range.to_s) };
      const row = { kind: item.kind, key: itemKey(item), given: item.data, result: told.result, data: told.data };
      return [{ pair: name, ...row, range: within }];
    });
  });
}

/** A new meter that learns of answers. */
export function newDraft(learning = true): Draft {
  return new Draft({ state: newState(1), live: newLive(), at: momentOf2000(473_385_600) }, learning);
}

/** The meter that a draft describes. */
export function viewOf(draft: Draft): MeterView {
  const { base, registers } = draft;
  const register = (quantity: 0 | 1 | 2 | 3) => registers.get(quantity) ?? 0;
  const halves: ReadHalfHour[] = [...draft.halfHours].map(([end, one]) => ({
    end,
    wh: [one[0] ?? null, one[1] ?? null, one[2] ?? null, one[3] ?? null],
    flags: [],
    secondary_wh: one.secondary ?? null,
  }));
  return {
    at: draft.at ?? base.at,
    identity: "00db1234567890a0",
    state: { ...base.state, ...draft.touched() },
    live: { ...base.live, ...draft.touchedLive() },
    registers_wh: () => [register(0), register(1), register(2), register(3)],
    secondary_wh: () => registers.get("secondary") ?? null,
    halfHours: (from, to) => halves.filter(({ end }) => end >= from && end <= to).sort((a, b) => a.end - b.end),
  };
}

type Keystore = Reference["keystore"];

/** The rows of a protected read; null for any other item. */
function unsealed(item: AccessItem, data: Data, answer: Message, keystore: Keystore): Omit<Row, "pair">[] | null {
  const request = item.kind === "action" && item.class === 30 ? decodeProtectedRequest(item.data) : null;
  const response = request === null ? null : decodeProtectedResponse(data);
  if (request === null || response === null) return null;
  const party = answer.supplementary?.party ?? answer.recipient;
  const counter = answer.supplementary?.originatorCounter ?? answer.counter;
  const secret = secretOf(keystore[party]?.ka, keystore[answer.originator]?.ka);
  const from = `${answer.originator}0904${counter.toString(16).padStart(16, "0")}${party}`;
  const derived = createHash("sha256")
    .update(hex("00000001"))
    .update(secret)
    .update(hex("60857406080300"))
    .update(hex(from));
  const vector = hex(`${answer.originator}00000000`);
  const cipher = createDecipheriv("aes-128-gcm", derived.digest().subarray(0, 16), vector, { authTagLength: 12 });
  cipher.setAAD(hex("31")).setAuthTag(response.tag);
  const plain = Buffer.concat([cipher.update(response.ciphertext), cipher.final()]);
  const values = decodeData(plain);
  if (!values.ok || values.value.data.type !== "structure") throw new Error("what was sealed is a structure of values");
  return values.value.data.items.map((value, at) => {
    const attribute = request.attributes[at] as (typeof request.attributes)[number];
    const key = itemKey({ kind: "get", class: attribute.class, obis: attribute.obis, index: attribute.index });
    const range =
      attribute.range === null ? ALL : { from: momentIn(attribute.range.from), to: momentIn(attribute.range.to) };
    return { kind: "get", key, given: item.data, result: 0, data: value, range };
  });
}

function momentIn(bytes: Uint8Array): Utc_ms {
  const time = decodeDateTime(bytes);
  if (time?.kind !== "moment") throw new Error("a range has two moments");
  return Utc_ms(time.utc_ms);
}

function messageOf(digits: string): Message {
  const decoded = decodeMessage(new Uint8Array(hex(digits)));
  if (!decoded.ok) throw new Error(`an official message decodes, not ${decoded.fault}`);
  return decoded.message;
}

function secretOf(party: ReferenceKey | undefined, meter: ReferenceKey | undefined): Buffer {
  if (party?.testScalar === undefined || meter === undefined) throw new Error("the keystore has both sides' keys");
  const point = ({ x, y }: ReferenceKey) => ({ kty: "EC", crv: "P-256", x: base64(x), y: base64(y) });
  const privateKey = createPrivateKey({ format: "jwk", key: { ...point(party), d: base64(party.testScalar) } });
  return diffieHellman({ privateKey, publicKey: createPublicKey({ format: "jwk", key: point(meter) }) });
}

function base64(digits: string): string {
  return hex(digits.padStart(64, "0")).toString("base64url");
}

function hex(digits: string): Buffer {
  return Buffer.from(digits, "hex");
}
