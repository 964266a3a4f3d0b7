// What the meter and its hub tell each other, as bytes that are opaque to the link: closed half hours, alerts, and commands with their
// answers. A meter that has keys speaks GBCS, all but half hours and what befell the ledger: no SMETS2 meter sends these, they are ours.

import { alertMessages } from "../gbcs/alerts.js";
import { type Answered, answer, type Silent } from "../gbcs/answer.js";
import type { Keyring } from "../gbcs/keyring.js";
import { CODES } from "../ledger/codes.js";
import type { Esme } from "../ledger/esme.js";
import type { Notice } from "../ledger/events.js";
import { turnEsme } from "../ledger/turn-esme.js";
import type { Utc_ms } from "../ledger/units.js";
import type { OutMessage } from "../ports/store.js";
import { messageOf } from "./json-messages.js";
import type { Kept, Turned } from "./kept.js";

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
    const alerted = alertMessages(esme, at, notice, keyring);
    return { esme: alerted.esme, bodies: alerted.messages.map(({ bytes }) => bytes) };
  }
  const body = messageOf(notice);
  return body === null ? null : { esme, bodies: [body] };
}
