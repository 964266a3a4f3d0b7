// What the meter and its hub tell each other, as bytes that are opaque to the link: closed half hours, alerts, and commands with their
// answers. A meter that has keys speaks GBCS, all but half hours and what befell the ledger: no SMETS2 meter sends these, they are ours.

import { alertMessages as gbcsAlerts } from "../gbcs/alerts.js";
import { type Answered, answer, type Silent } from "../gbcs/answer.js";
import type { Keyring } from "../gbcs/keyring.js";
import { CODES } from "../ledger/codes.js";
import type { Esme } from "../ledger/esme.js";
import type { Notice } from "../ledger/events.js";
import type { Flag, HalfHour } from "../ledger/profile.js";
import { turnEsme } from "../ledger/turn-esme.js";
import { rfc3339, type Utc_ms } from "../ledger/units.js";
import type { OutMessage } from "../ports/store.js";
import type { Kept, Turned } from "./kept.js";

export interface HalfHourMessage {
  readonly schema: "esme/half-hour/1";
  readonly end: string;
  readonly import_wh: number | null;
  readonly export_wh: number | null;
  readonly import_varh: number | null;
  readonly export_varh: number | null;
  readonly flags: readonly Flag[];
}

export interface AlertMessage {
  readonly schema: "esme/alert/1";
  readonly at: string;
  /** A word for what befell the source, 0x8F35 and the like for the coded alerts of SMETS. */
  readonly code: string;
  readonly text: string;
  /** Where the alert carries them: of an outage its interruption and its restoration. */
  readonly times?: readonly string[];
}

/** Messages to the hub that wait for the next commit; their ids go on from the last one without a gap. */
export class Outbox {
  readonly #waiting: OutMessage[] = [];
  #next: number;

  constructor(next: number) {
    this.#next = next;
  }
  get waiting(): readonly OutMessage[] {
    return this.#waiting;
  }
  post(kind: OutMessage["kind"], body: Uint8Array): void {
    this.#waiting.push({ id: this.#next++, kind, body });
  }
  /** Those after the first `length` were never posted. */
  withdraw(length: number): void {
    this.#next -= this.#waiting.length - length;
    this.#waiting.length = length;
  }
  /** They have been kept; whether there were any. */
  emptied(): boolean {
    return this.#waiting.splice(0).length > 0;
  }
}

/** A command of the hub at the meter's door: the meter that comes of it, and its answer; null where it is silent. */
export function answeredBy(
  esme: Esme,
  at: Utc_ms,
  command: Uint8Array,
  keyring: Keyring,
  hubTime: Utc_ms | null,
): Turned & { readonly answer: Uint8Array | null } {
  const masterTime = esme.state.time.master === "hub" ? hubTime : null;
  const done = spared(esme, at, () => answer(esme, at, command, keyring, { masterTime }));
  const silent = done.kind === "silent";
  return {
    ledger: done.esme.ledger,
    esme: done.esme,
    notices: silent ? [] : done.notices,
    disobeyed: null,
    clockSet: silent ? null : done.clockSet,
    answer: silent ? null : done.bytes,
  };
}

/** A bug of ours stops the process, but not here: the message would come again after every start, and nothing would be metered any more.
 * `answer` changes nothing before it returns; what went wrong stands in the security log. */
function spared(esme: Esme, at: Utc_ms, work: () => Answered | Silent): Answered | Silent {
  try {
    return work();
  } catch (error) {
    const reason = `our bug: ${error instanceof Error ? error.message : String(error)}`;
    const deed = { kind: "message-refused", code: CODES.programFault.code, text: reason } as const;
    const told = turnEsme(esme, { kind: "command", at, by: "meter", deed }).esme;
    return { kind: "silent", esme: told, code: "gbcs-form", reason };
  }
}

/** What the hub is to hear of a notice, each in a message of its own, and the meter that told it; null where it need not hear. */
export function pushOf(
  { role, esme }: Kept,
  at: Utc_ms,
  notice: Notice,
  keyring: Keyring | null,
): { readonly esme: Esme | null; readonly bodies: readonly Uint8Array[] } | null {
  if (role !== "grid") return null;
  if (notice.kind === "alert" && keyring !== null && esme !== null) {
    const alerted = gbcsAlerts(esme, at, notice, keyring);
    return { esme: alerted.esme, bodies: alerted.messages.map(({ bytes }) => bytes) };
  }
  const body = messageOf(notice);
  return body === null ? null : { esme, bodies: [body] };
}

/** Without keys: null where the hub need not hear of it. */
function messageOf(notice: Notice): Uint8Array | null {
  switch (notice.kind) {
    case "half-hour":
      return bytes(halfHourMessage(notice.entry));
    case "event":
      return bytes({ schema: "esme/alert/1", at: rfc3339(notice.at), code: notice.code, text: notice.text });
    case "alert":
      return bytes(alertMessage(notice));
    case "aged":
    case "supply-state":
      return null;
  }
}

function alertMessage({ at, code, text, times = [] }: Extract<Notice, { kind: "alert" }>): AlertMessage {
  const name = `0x${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return {
    schema: "esme/alert/1",
    at: rfc3339(at),
    code: name,
    text,
    ...(times.length > 0 ? { times: times.map(rfc3339) } : {}),
  };
}

export function halfHourMessage(entry: HalfHour): HalfHourMessage {
  const [import_wh, export_wh, import_varh, export_varh] = entry.wh;
  const end = rfc3339(entry.end);
  return { schema: "esme/half-hour/1", end, import_wh, export_wh, import_varh, export_varh, flags: entry.flags };
}

function bytes(message: HalfHourMessage | AlertMessage): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}
