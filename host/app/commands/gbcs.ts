// `esme gbcs respond | state | alert`: one message of a meter that exists only as a snapshot and a file of keys.

import { readKeystore, roleIn } from "../../adapters/keys/keystore.js";
import type { TestKeyring } from "../../adapters/keys/keystore-file.js";
import { partialOf } from "../../document/partial.js";
import { type Alert, alertMessage } from "../../gbcs/alerts.js";
import { answer } from "../../gbcs/answer.js";
import { derive } from "../../gbcs/derive.js";
import { decodeMessage, type Eui } from "../../gbcs/frame.js";
import { CODES, sentenceOf } from "../../ledger/codes.js";
import type { Esme } from "../../ledger/esme.js";
import { turnEsme } from "../../ledger/turn-esme.js";
import { rfc3339, type Utc_ms } from "../../ledger/units.js";
import { headerOf, hexOf, keysOf, messageIn, meterIn } from "../gbcs-files.js";
import { refuse, usedWrongly } from "../refusal.js";

interface Options {
  readonly keys: string;
  readonly json?: boolean;
}

interface RespondOptions extends Options {
  readonly snapshot: string;
  readonly at?: Utc_ms;
  readonly failItem?: number;
}

export function respond(file: string, { snapshot, keys, at, failItem, json }: RespondOptions): void {
  const command = messageIn(file);
  const keyring = keysOf(keys, headerOf(command, file).recipient);
  const meter = meterIn(snapshot);
  const told = answer(meter.esme, at ?? meter.at, command, keyring, failItem === undefined ? {} : { failItem });
  if (told.kind === "silent")
    return refuse({ ...told, next: "the meter stays silent: `esme gbcs explain` shows what the command says" });
  const signed = told.useCase.critical;
  print(
    {
      schema: "esme/gbcs-respond/1",
      useCase: told.useCase.name,
      response: hexOf(told.bytes),
      ...keyTold(keyring, signed),
    },
    json,
  );
  if (signed) tellKey(keyring, json);
}

export function state(commandFile: string, responseFile: string, { keys, json }: Options): void {
  const command = messageIn(commandFile);
  const response = messageIn(responseFile);
  const derived = derive(command, response, keysOf(keys, headerOf(command, commandFile).recipient));
  if (!derived.ok) return refuse({ ...derived, next: "`esme gbcs explain` shows what each of the two says" });
  const { draft, failItem } = derived;
  const document = partialOf({
    at: draft.at ?? draft.base.at,
    state: draft.touched(),
    live: draft.touchedLive(),
    registers: draft.registers,
    halfHours: draft.halfHours,
  });
  process.stdout.write(`${JSON.stringify(document, null, 1)}\n`);
  if (failItem !== null)
    note({ failItem, text: `item ${failItem} failed: give --fail-item ${failItem} to have it fail again` }, json);
}

interface AlertOptions extends Options {
  readonly snapshot: string;
  readonly event: string;
  readonly identity?: Eui;
  readonly at?: Utc_ms;
  readonly from?: Utc_ms;
  readonly to?: Utc_ms;
}

export function alert(options: AlertOptions): void {
  const { snapshot, keys, json } = options;
  const { esme, at } = meterIn(snapshot);
  const keyring = keysOf(keys, options.identity ?? firstMeterOf(keys));
  const happened = happening(esme, options.at ?? at, options);
  let meter = happened.esme;
  for (const one of happened.alerts) {
    const told = alertMessage(meter, one.at, one, keyring);
    if (told === null)
      return refuse({
        code: "gbcs-nobody",
        reason: "these keys name nobody whom this alert is for, or who could read it",
        next: "add the keys of a supplier and of a network operator to the file (docs/guides/keys.md)",
      });
    meter = told.esme;
    const signed = decodeMessage(told.bytes);
    const key = keyTold(keyring, signed.ok && signed.message.signature !== null);
    const code = one.code.toString(16).toUpperCase();
    print({ schema: "esme/gbcs-alert/1", code, recipient: told.recipient, alert: hexOf(told.bytes), ...key }, json);
  }
  tellKey(keyring, json);
}

/** "reading": whatever a reading at that moment shows, of no more energy than before; else the alert of that code, by itself. */
function happening(
  esme: Esme,
  at: Utc_ms,
  { event, from, to }: AlertOptions,
): { readonly esme: Esme; readonly alerts: readonly Alert[] } {
  if (event === "reading") {
    const { last } = esme.ledger;
    const turn = last === null ? null : turnEsme(esme, { ...last, kind: "reading", at });
    const alerts = turn?.notices.filter((one) => one.kind === "alert") ?? [];
    if (turn !== null && alerts.length > 0) return { esme: turn.esme, alerts };
    return refuse({
      code: "gbcs-no-alert",
      reason: `this meter has nothing to tell until ${rfc3339(at)}`,
      next: "give a later --at, or name an alert by its code",
    });
  }
  const code = codeNamed(event);
  const outage = code === CODES.outageRestored.code || code === CODES.outageRestoredLong.code;
  if (outage && (from === undefined || to === undefined || from > to))
    return usedWrongly(
      "an outage has a beginning and an end",
      "give --from and --to: when the supply failed, and came back",
    );
  if (!outage && (from !== undefined || to !== undefined))
    return usedWrongly("only the alert of an outage has a beginning and an end", "leave out --from and --to");
  const text = sentenceOf(code) ?? "";
  const times = from === undefined || to === undefined ? {} : { times: [from, to] };
  return { esme, alerts: [{ kind: "alert", at, code, text, ...times }] };
}

/** "8F36", or "outageRestoredLong". */
function codeNamed(event: string): number {
  const named = (CODES as { readonly [name: string]: { readonly code: number } })[event]?.code;
  const code = named ?? (/^[0-9a-f]{4}$/i.test(event) ? Number.parseInt(event, 16) : Number.NaN);
  if (sentenceOf(code) !== null) return code;
  const names = `${Object.keys(CODES).slice(0, 3).join(", ")}, ..`;
  return usedWrongly(
    `"${event}" is no alert that this meter knows`,
    `give reading, a code such as 8F36, or its name: ${names}`,
  );
}

/** The first of the file that is no remote party. */
function firstMeterOf(keys: string): Eui {
  const read = readKeystore(keys);
  if (!read.ok) return refuse(read);
  const meter = Object.entries(read.keystore).find(
    ([eui, entry]) => entry.ka !== undefined && roleIn(eui, entry) === null,
  );
  if (meter !== undefined) return meter[0];
  return refuse({
    code: "keys-broken",
    reason: `${keys} has no keys of a meter`,
    next: "add them, or name one with --identity",
  });
}

/** A signature that only this process could make: who wants to verify it needs the key. */
function keyTold(keyring: TestKeyring, signed: boolean) {
  const { x, y, ofItsOwn } = keyring.signingKey;
  return signed ? { signingKey: { x, y, ofItsOwn } } : {};
}

function tellKey(keyring: TestKeyring, json: boolean | undefined): void {
  const { x, y, ofItsOwn } = keyring.signingKey;
  if (ofItsOwn && json !== true)
    note({ text: `signed with a key made for this answer: x ${x.toUpperCase()} y ${y.toUpperCase()}` }, json);
}

function print(told: { readonly [field: string]: unknown }, json: boolean | undefined): void {
  process.stdout.write(`${json === true ? JSON.stringify(told) : (told.response ?? told.alert)}\n`);
}

function note(
  { text, ...more }: { readonly text: string; readonly failItem?: number },
  json: boolean | undefined,
): void {
  process.stderr.write(json === true ? `${JSON.stringify({ note: text, ...more })}\n` : `${text}\n`);
}
