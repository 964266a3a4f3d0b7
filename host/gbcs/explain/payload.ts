// Notes what a message carries: an Access-Request, an Access-Response, a data notification; anything else as octets.

import { sentenceOf } from "../../ledger/codes.js";
import type { Data } from "../../wire/dlms/data.js";
import { obisOf } from "../../wire/dlms/obis.js";
import type { ItemKey } from "../item.js";
import { itemOf } from "../table.js";
import { useCaseOf } from "../use-cases.js";
import { explainValue, type Named } from "./value.js";
import { u16Of, u64Of, Walk } from "./walk.js";
import { hex16, hexOf, resultWords } from "./words.js";

export interface Opened {
  /** What was encrypted; null where there are no keys for it, or it is damaged. */
  readonly open: (sealed: Uint8Array) => Uint8Array | null;
  /** What the use case reads so, in the order in which it is answered. */
  readonly protectedReads: readonly ItemKey[];
  /** The items of the command, where this answers one that is known. */
  readonly items: readonly ItemKey[] | null;
}

const REQUEST = 0xd9;
const RESPONSE = 0xda;
const NOTIFICATION = 0x0f;

export function explainPayload(walk: Walk, opened: Opened): void {
  const tag = walk.peek();
  if (tag === REQUEST) request(walk);
  else if (tag === RESPONSE) response(walk, opened);
  else if (tag === NOTIFICATION) notification(walk, opened);
  else if (walk.left > 0) walk.note("content", walk.left, "no DLMS: not explained");
  if (walk.left > 0) walk.stop(`${walk.left} octets are left over`);
}

function head(walk: Walk, name: string): void {
  walk.octet("choice", () => name);
  walk.field("long-invoke-id-and-priority", 4, (octets) => `the counter's low 24 bits: ${hexOf(octets.subarray(1))}`);
  walk.octet("date-time", (octet) => (octet === 0 ? "none" : "not as GBCS has it"));
}

function request(walk: Walk): void {
  head(walk, "access-request");
  const keys: ItemKey[] = [];
  const count = walk.length("access-request-specification") ?? 0;
  walk.deeper(() => {
    while (keys.length < count && !walk.stopped) keys.push(specification(walk, keys.length + 1));
  });
  const values = walk.length("access-request-list-of-data") ?? 0;
  walk.deeper(() => {
    for (let index = 0; index < values && !walk.stopped; index++) {
      const key = keys[index];
      explainValue(walk, key === undefined ? { name: `data ${index + 1}` } : namedData(key, index + 1));
    }
  });
}

const KINDS: { readonly [kind: number]: string } = {
  1: "access-request-get",
  2: "access-request-set",
  3: "access-request-action",
  4: "access-request-get-with-selection",
};

function specification(walk: Walk, number: number): ItemKey {
  const kind = walk.octet(`item ${number}`, (octet) => KINDS[octet] ?? "a choice that is not known");
  if (kind !== null && KINDS[kind] === undefined) walk.stop(`item ${number}: choice ${kind}`);
  const letter = kind === 3 ? "M" : "A";
  let key: ItemKey = "0/0-0:0.0.0.0/A0";
  walk.deeper(() => {
    const cosemClass = walk.u16("class-id", String) ?? 0;
    const octets = walk.field("instance-id", 6, (found) => `${obisOf(found)}`);
    const obis = obisOf(octets ?? new Uint8Array(6)) ?? "";
    walk.octet(letter === "M" ? "method-id" : "attribute-id", (octet) => {
      key = `${cosemClass}/${obis}/${letter}${octet}`;
      return `${octet}${nameOf(key)}`;
    });
    if (kind !== 4) return;
    walk.octet("access-selector", (octet) => (octet === 1 ? "1: a range" : String(octet)));
    explainValue(walk, RANGE);
  });
  return key;
}

function response(walk: Walk, opened: Opened): void {
  head(walk, "access-response");
  walk.octet("access-request-specification", (octet) => (octet === 0 ? "none: not repeated" : "not as GBCS has it"));
  const values = walk.length("access-response-list-of-data") ?? 0;
  const name = (index: number) => {
    const key = opened.items?.[index];
    return `data ${index + 1}${key === undefined ? "" : ` ${key}${nameOf(key)}`}`;
  };
  walk.deeper(() => {
    for (let index = 0; index < values && !walk.stopped; index++) {
      // What answers a class-30 method holds the protection and what is sealed; without the command it tells by its form.
      const sealed = sealedAhead(walk);
      const data = explainValue(walk, sealed ? { name: name(index), parts: SEALED } : { name: name(index) });
      if (sealed && data !== null) explainSealed(walk, data, opened);
    }
  });
  const results = walk.length("access-response-specification") ?? 0;
  walk.deeper(() => {
    for (let index = 0; index < results && !walk.stopped; index++) {
      walk.octet(`item ${index + 1}`, (octet) =>
        (KINDS[octet] ?? "a choice that is not known").replace("request", "response"),
      );
      walk.octet("result", resultWords);
    }
  });
}

/** Whether a structure of two begins here whose first part is an array of one protection: 02 02 01 01 02 02 16. */
function sealedAhead(walk: Walk): boolean {
  return [2, 2, 1, 1, 2, 2, 0x16].every((octet, index) => walk.bytes[walk.at + index] === octet);
}

function notification(walk: Walk, opened: Opened): void {
  head(walk, "data-notification");
  const data = explainValue(walk, NOTIFIED);
  if (data?.type !== "structure") return;
  const [code, , third, fourth] = data.items;
  if (code?.type === "long-unsigned")
    walk.remark("alert code in words", `${hex16(code.value)}: ${sentenceOf(code.value) ?? "not known"}`);
  if (third?.type === "octet-string" && third.bytes.length === 19) activated(walk, third.bytes);
  const sealed = third?.type === "array" ? fourth : undefined;
  if (sealed?.type === "octet-string") plaintext(walk, sealed.bytes, opened);
}

/** What a future-dated command's alert says of it: use case, counter, class, OBIS, attribute. */
function activated(walk: Walk, octets: Uint8Array): void {
  const useCase = u16Of(octets.subarray(0, 2));
  const object = `${u16Of(octets.subarray(10, 12))}/${obisOf(octets.subarray(12, 18))}`;
  const key = `${object}/A${octets[18] ?? 0}` as ItemKey;
  const which = useCaseOf(useCase)?.name ?? "a use case that is not known";
  walk.remark("what ran", `${which}, command counter ${u64Of(octets.subarray(2, 10))}, ${key}${nameOf(key)}`);
}

function explainSealed(walk: Walk, data: Data, opened: Opened): void {
  const sealed = data.type === "structure" ? data.items[1] : undefined;
  if (sealed?.type === "octet-string") plaintext(walk, sealed.bytes, opened);
}

/** 31 00 00 00 00 | ciphertext | tag: opened, and explained as a structure of what was read. */
function plaintext(walk: Walk, sealed: Uint8Array, { open, protectedReads }: Opened): void {
  const plain = open(sealed);
  if (plain === null) return walk.remark("encrypted", "these keys do not open it");
  walk.remark("decrypted", `${plain.length} octets, their places counted from 0`);
  const inner = new Walk(plain, true);
  const parts = protectedReads.map((key) => named(`${key}${nameOf(key)}`));
  explainValue(inner, parts.length === 0 ? named("attributes read") : named("attributes read", ...parts));
  if (inner.left > 0) inner.stop(`${inner.left} octets are left over`);
  walk.inside(inner.lines);
}

function namedData(key: ItemKey, number: number): Named {
  const name = `data ${number} ${key}${nameOf(key)}`;
  return key.startsWith("30/") ? { name, parts: PROTECTED_READ } : { name };
}

/** "", or the name under which the meter keeps it. */
function nameOf(key: ItemKey): string {
  const name = itemOf(key)?.name ?? (key.startsWith("30/") ? "a protected read" : null);
  return name === null ? "" : ` = ${name}`;
}

// The names of the Blue Book, for the values whose form is always the same.

const named = (name: string, ...parts: readonly Named[]): Named => (parts.length === 0 ? { name } : { name, parts });

const RANGE: Named = named(
  "range_descriptor",
  named("restricting_object", named("class_id"), named("logical_name"), named("attribute_index"), named("data_index")),
  named("from_value, s since 2000"),
  named("to_value, s since 2000"),
  named("selected_values"),
);

const PROTECTION: Named = {
  name: "protection_parameters",
  each: named(
    "protection_parameters_element",
    named("protection_type"),
    named(
      "protection_options",
      named("transaction_id"),
      named("originator_system_title"),
      named("recipient_system_title"),
      named("other_information"),
      named("key_info", named("key_info_type"), named("key_info_options")),
    ),
  ),
};

const PROTECTED_READ: readonly Named[] = [
  {
    name: "object_list",
    each: named(
      "object_definition",
      named("class_id"),
      named("logical_name"),
      named("attribute_index"),
      named("data_index"),
      named("restriction_element", named("restriction_type"), named("restriction_value")),
    ),
  },
  PROTECTION,
];

const SEALED: readonly Named[] = [PROTECTION, named("protected_attributes")];

const NOTIFIED: Named = named(
  "notification-body",
  named("alert code"),
  named("time stamp"),
  { ...PROTECTION, name: "what the alert adds" },
  named("what the alert adds"),
);
