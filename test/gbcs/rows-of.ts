// What the reference messages say of each attribute and method: what commands set and call, and what the meter answered, with what was
// encrypted decrypted under the published test keys by code of the test's own.

import { createDecipheriv, createECDH, createHash } from "node:crypto";
import { decodeMessage, type Message } from "../../host/gbcs/frame.js";
import { type AccessItem, decodeAccessRequest, decodeAccessResponse, rangeOf } from "../../host/wire/dlms/access.js";
import type { Data } from "../../host/wire/dlms/data.js";
import { decodeDateTime } from "../../host/wire/dlms/date-time.js";
import { decodeData } from "../../host/wire/dlms/decode.js";
import { decodeProtectedRequest } from "../../host/wire/dlms/protected.js";
import { pairs, type Reference, type ReferenceKeystore } from "./reference.js";

export interface Told {
  /** The pair of messages: "ECS17b_4.1.1_SINGLE_SUCCESS". */
  readonly message: string;
  readonly way: "get" | "set" | "action";
  /** "3/1-0:2.8.0.255/A2" */
  readonly key: string;
  /** What the answer told, or what the command carries. */
  readonly data: Data;
  readonly succeeded: boolean;
  readonly range: { readonly from_ms: number; readonly to_ms: number } | null;
}

/** In the order of the messages and of their items. */
export function rowsOf({ messages, keystore }: Reference): readonly Told[] {
  return pairs(messages).flatMap(({ name, command, response }) => {
    const [asked, told] = [messageOf(command.hex), messageOf(response.hex)];
    // Certificates and the like are not DLMS.
    if (asked.content[0] !== 0xd9 || told.content[0] !== 0xda) return [];
    const request = decodeAccessRequest(asked.content);
    const answer = decodeAccessResponse(told.content);
    if (!request.ok || !answer.ok) throw new Error(`${name} cannot be decoded`);
    return request.value.items.flatMap((item, at): readonly Told[] => {
      const { result = -1, data = item.data } = answer.value.results[at] ?? {};
      const succeeded = result === 0;
      if (item.kind === "action" && item.class === 30)
        return succeeded ? protectedRows(name, item, data, told, keystore) : [];
      const key = `${item.class}/${item.obis}/${item.kind === "action" ? "M" : "A"}${item.index}`;
      const range = item.selection && rangeOf(item.selection.parameters);
      const since2000 = (seconds: number) => Date.UTC(2000, 0, 1) + seconds * 1_000;
      return [
        {
          message: name,
          way: item.kind,
          key,
          data: item.kind === "get" ? data : item.data,
          succeeded,
          range: range && { from_ms: since2000(range.from_s), to_ms: since2000(range.to_s) },
        },
      ];
    });
  });
}

export function messageOf(hex: string): Message {
  const decoded = decodeMessage(Uint8Array.from(Buffer.from(hex, "hex")));
  if (!decoded.ok) throw new Error(`a reference message cannot be read: ${decoded.fault}`);
  return decoded.message;
}

function protectedRows(
  message: string,
  item: AccessItem,
  data: Data,
  told: Message,
  keystore: ReferenceKeystore,
): readonly Told[] {
  const request = decodeProtectedRequest(item.data);
  // The protection parameters, then 31 and four octets of 0, the ciphertext and its tag.
  const sealed = data.type === "structure" ? data.items[1] : undefined;
  if (request === null || sealed?.type !== "octet-string") throw new Error(`${message} is no protected read`);
  const values = decodeData(decrypted(told, sealed.bytes.subarray(5, -12), sealed.bytes.subarray(-12), keystore));
  if (!values.ok || values.value.data.type !== "structure") throw new Error(`${message} does not decrypt`);
  const { items } = values.value.data;
  return request.attributes.map((attribute, at) => ({
    message,
    way: "get",
    key: `${attribute.class}/${attribute.obis}/A${attribute.index}`,
    data: items[at] ?? { type: "null-data" },
    succeeded: true,
    range: attribute.range && { from_ms: timeOf(attribute.range.from), to_ms: timeOf(attribute.range.to) },
  }));
}

function timeOf(octets: Uint8Array): number {
  const time = decodeDateTime(octets);
  return time?.kind === "moment" ? time.utc_ms : 0;
}

/** Z of the party's test scalar and the meter's point; SHA-256 over the constant, Z and the titles; AES-128-GCM under the meter's title. */
export function decrypted(
  told: Message,
  ciphertext: Uint8Array,
  tag: Uint8Array,
  keystore: ReferenceKeystore,
): Uint8Array {
  const party = told.supplementary?.originatorCounter == null ? told.recipient : told.supplementary.party;
  const counter = told.supplementary?.originatorCounter ?? told.counter;
  const [own, meter] = [keystore[party]?.ka, keystore[told.originator]?.ka];
  if (own?.testScalar === undefined || meter === undefined) throw new Error(`no test keys of ${party}`);
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(own.testScalar.padStart(64, "0"), "hex");
  const z = ecdh.computeSecret(`04${meter.x}${meter.y}`, "hex", "hex");
  const digits = counter.toString(16).padStart(16, "0");
  const info = `00000001${z}60857406080300${told.originator}0904${digits}${party}`;
  const key = createHash("sha256").update(Buffer.from(info, "hex")).digest().subarray(0, 16);
  const decipher = createDecipheriv("aes-128-gcm", key, Buffer.from(`${told.originator}00000000`, "hex"), {
    authTagLength: 12,
  });
  decipher.setAAD(Uint8Array.of(0x31));
  decipher.setAuthTag(tag);
  return Uint8Array.from(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
}
