// The table read backwards: what a meter must hold that gives this answer to this command. It knows no pair and no use case.
// docs/spec/gbcs.md, "Deriving a meter".

import { newEsme } from "../ledger/esme.js";
import { Utc_ms } from "../ledger/units.js";
import {
  type AccessItem,
  type AccessResult,
  decodeAccessRequest,
  decodeAccessResponse,
  RESULTS,
} from "../wire/dlms/access.js";
import type { Data } from "../wire/dlms/data.js";
import { decodeDateTime } from "../wire/dlms/date-time.js";
import { decodeData } from "../wire/dlms/decode.js";
import { decodeProtectedRequest, decodeProtectedResponse } from "../wire/dlms/protected.js";
import { decodeMessage, type Message } from "./frame.js";
import { itemKey } from "./item.js";
import type { Keyring } from "./keyring.js";
import { Draft } from "./meter-view.js";
import { attributeKey, isProtectedRead } from "./protected.js";
import { deriveKey, ENCRYPTION, open } from "./security.js";
import { itemOf } from "./table.js";

export type Derived =
  | {
      readonly ok: true;
      readonly draft: Draft;
      /** The item, counted from 1, whose hardware failed in the answer; null: none. */
      readonly failItem: number | null;
    }
  | {
      readonly ok: false;
      readonly code: "gbcs-form" | "gbcs-pair" | "gbcs-keys" | "gbcs-table";
      readonly reason: string;
    };

/** Where nothing in the pair tells the time. */
const ANY_TIME = Utc_ms(Date.parse("2015-01-01T00:00:00Z"));

/** Without keys where nothing of the response is encrypted. */
export function derive(command: Uint8Array, response: Uint8Array, keyring: Keyring | null): Derived {
  const [asked, told] = [decodeMessage(command), decodeMessage(response)];
  if (!asked.ok) return no("gbcs-form", `the command is no message: ${asked.fault} at octet ${asked.at}`);
  if (!told.ok) return no("gbcs-form", `the response is no message: ${told.fault} at octet ${told.at}`);
  const { counter, recipient, messageCode } = asked.message;
  if (
    told.message.counter !== counter ||
    told.message.originator !== recipient ||
    told.message.messageCode !== messageCode
  )
    return no("gbcs-pair", "the response is not to this command");
  const request = decodeAccessRequest(asked.message.content);
  const answer = decodeAccessResponse(told.message.content);
  if (!request.ok || !answer.ok) return no("gbcs-form", "the content is no request, or no response to one");
  const { items } = request.value;
  const { results } = answer.value;
  if (items.length !== results.length || items.some(({ kind }, index) => kind !== results[index]?.kind))
    return no("gbcs-pair", "the response has other items than the command");

  const time = told.message.time === null ? undefined : decodeDateTime(told.message.time);
  const at = time?.kind === "moment" ? Utc_ms(time.utc_ms) : null;
  const esme = newEsme(1);
  const draft = new Draft({ state: esme.state, live: esme.live, at: at ?? ANY_TIME }, true);
  draft.at = at ?? ANY_TIME;
  const ours = told.message.supplementary?.originatorCounter ?? null;
  if (ours === 0n) return no("gbcs-table", "a meter's own counter is above another, and this is 0");
  if (ours !== null) {
    const account = draft.section("communicationsAccount");
    draft.put("communicationsAccount", { ...account, originatorCounter: ours - 1n });
  }
  for (const [index, item] of items.entries()) {
    const result = results[index] as AccessResult;
    if (result.result !== RESULTS.success) continue;
    const fault = learnt(draft, item, result.data, told.message, keyring);
    if (fault !== null) return no(fault.code, `item ${index + 1}, ${itemKey(item)}: ${fault.reason}`);
  }
  const failed = results.findIndex(({ result }) => result === RESULTS.hardwareFault);
  return { ok: true, draft, failItem: failed < 0 ? null : failed + 1 };
}

interface Fault {
  readonly code: "gbcs-keys" | "gbcs-table";
  readonly reason: string;
}
const table = (reason: string): Fault => ({ code: "gbcs-table", reason });

/** What one item that succeeded says of the meter. */
function learnt(draft: Draft, item: AccessItem, data: Data, told: Message, keyring: Keyring | null): Fault | null {
  if (isProtectedRead(item)) return learntProtected(draft, item, data, told, keyring);
  const row = itemOf(itemKey(item));
  if (row === null) return table("the meter knows no such attribute or method");
  if (item.kind === "get") return row.put?.(draft, data) === true ? null : table("the meter cannot hold what it told");
  row.learn?.(draft, item.data);
  return null;
}

function learntProtected(
  draft: Draft,
  item: AccessItem,
  data: Data,
  told: Message,
  keyring: Keyring | null,
): Fault | null {
  const request = decodeProtectedRequest(item.data);
  const response = decodeProtectedResponse(data);
  if (request === null || response === null) return table("it is no protected read that is known");
  const plain = keyring === null ? null : opened(response.sealed, told, keyring);
  if (plain === null) return { code: "gbcs-keys", reason: "its content is encrypted, and these are not its keys" };
  const values = decodeData(plain);
  if (!values.ok || values.value.data.type !== "structure") return table("what was encrypted is no structure");
  for (const [index, attribute] of request.attributes.entries()) {
    const value = values.value.data.items[index];
    const put = itemOf(attributeKey(attribute))?.put;
    if (value === undefined || put?.(draft, value) !== true) return table("the meter cannot hold what it told");
  }
  return null;
}

/** What the meter encrypted for the response's recipient, or for the party that the response names. Null without the keys. */
function opened(sealed: Uint8Array, told: Message, keyring: Keyring): Uint8Array | null {
  const { party, originatorCounter } = told.supplementary ?? { party: told.recipient, originatorCounter: null };
  const recipient = originatorCounter === null ? told.recipient : party;
  const secret = keyring.secretWith(recipient);
  if (secret === null) return null;
  const counter = originatorCounter ?? told.counter;
  return open(deriveKey(secret, told.originator, ENCRYPTION, counter, recipient), told.originator, sealed);
}

function no(code: Extract<Derived, { ok: false }>["code"], reason: string): Derived {
  return { ok: false, code, reason };
}
