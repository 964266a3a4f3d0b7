// `esme gbcs alert`: what a meter that exists only as a snapshot and a file of keys tells of an event, without being asked.

import { readKeystore, roleIn } from "../../adapters/keys/keystore.js";
import { type Alert, alertMessages } from "../../gbcs/alerts.js";
import { audienceOf, isSigned } from "../../gbcs/audience.js";
import type { Eui } from "../../gbcs/frame.js";
import { CODES } from "../../ledger/codes.js";
import type { Esme } from "../../ledger/esme.js";
import { turnEsme } from "../../ledger/turn-esme.js";
import { rfc3339, type Utc_ms } from "../../ledger/units.js";
import { alertOf } from "../gbcs/event.js";
import { hexOf, keysOf, meterIn } from "../gbcs/files.js";
import { keyTold, note, print, tellKey } from "../gbcs/told.js";
import { refuse, usedWrongly } from "../refusal.js";

interface AlertOptions {
  readonly keys: string;
  readonly json?: boolean;
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
  const [identity, choice] = options.identity === undefined ? firstMeterOf(keys) : [options.identity, null];
  const keyring = keysOf(keys, identity);
  const happened = happening(esme, options.at ?? at, options);
  let meter = happened.esme;
  let [told, signed] = [0, 0];
  for (const one of happened.alerts) {
    const { esme: next, messages } = alertMessages(meter, one.at, one, keyring);
    meter = next;
    const code = one.code.toString(16).toUpperCase();
    for (const { recipient, bytes } of messages) {
      const key = keyTold(keyring, isSigned(one.code));
      print({ schema: "esme/gbcs-alert/1", code, recipient, alert: hexOf(bytes), ...key }, json);
    }
    told += messages.length;
    signed += isSigned(one.code) ? messages.length : 0;
  }
  if (told === 0) refuse(untold(happened));
  if (choice !== null) note({ text: choice }, json);
  if (signed > 0) tellKey(keyring, json);
}

interface Happened {
  readonly esme: Esme;
  readonly alerts: readonly Alert[];
}

/** "reading": whatever a reading at that moment shows, of no more energy than before; else the alert of that event, by itself. */
function happening(esme: Esme, at: Utc_ms, { event, from, to }: AlertOptions): Happened {
  if (event !== "reading") return { esme, alerts: [alertOf(event, { at, from, to })] };
  if (from !== undefined || to !== undefined)
    return usedWrongly("a reading has one moment", "leave out --from and --to, and give --at");
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

/** Why nobody was told of any of them. */
function untold({ esme, alerts }: Happened) {
  const code = "gbcs-nobody";
  if (alerts.every(({ planned }) => planned?.origin === null))
    return {
      code,
      reason: "no message planned what took effect, so nobody is told",
      next: "see communicationsAccount.planned of the snapshot: it names the message that planned a section",
    };
  if (alerts.every((one) => audienceOf(one.code, esme.state).length === 0))
    return {
      code,
      reason: "its party has turned this alert off",
      next: "see settingsForWANAlerting of the snapshot: bit n of 256 is alert 80 n or 81 n",
    };
  const log = esme.state.billingDataLogBillingCalendarTriggeredExcExport;
  if (log.size === 0 && alerts.every((one) => one.code === CODES.billingDataLogUpdated.code))
    return {
      code: "gbcs-no-alert",
      reason: "the billing data log has no entry to tell",
      next: "give a snapshot with billingDataLogBillingCalendarTriggeredExcExport.logEntries",
    };
  return {
    code,
    reason: "these keys name nobody whom this alert is for, or who could read it",
    next: "add the keys of a supplier and of a network operator to the file (docs/guides/keys.md)",
  };
}

/** The first of the file that is no remote party, and which others there are. */
function firstMeterOf(keys: string): readonly [Eui, string | null] {
  const read = readKeystore(keys);
  if (!read.ok) return refuse(read);
  const [meter, ...others] = Object.entries(read.keystore).flatMap(([eui, entry]) =>
    entry.ka !== undefined && roleIn(eui, entry) === null ? [eui] : [],
  );
  if (meter === undefined)
    return refuse({
      code: "keys-broken",
      reason: `${keys} has no keys of a meter`,
      next: "add them, or name one with --identity",
    });
  if (others.length === 0) return [meter, null];
  return [meter, `told by ${meter}, the first of ${others.length + 1} meters in ${keys}: --identity names another`];
}
