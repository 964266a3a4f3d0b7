// Laws of a meter at its door, for the tests of refusals, of bad input and of the fuzz: what silence leaves as it was.

import { type Answered, answer, type Silent } from "../../host/gbcs/answer.js";
import type { Esme } from "../../host/ledger/esme.js";
import { entriesOf } from "../../host/ledger/log.js";
import { EVENT_LOG_DEPTH } from "../../host/ledger/state/housekeeping.js";
import type { EsmeState } from "../../host/ledger/state/state.js";
import { AT, keyring } from "./laboratory-meter.js";

export const RING = keyring();

export const given = (esme: Esme, bytes: Uint8Array): Answered | Silent => answer(esme, AT, bytes, RING);

/** What changed, by its name: "state.time". The very same value counts as unchanged, and nothing else does. */
export function changes(before: Esme, after: Esme): readonly string[] {
  const parts = (["ledger", "beside", "live", "until"] as const).filter(
    (part) => !Object.is(before[part], after[part]),
  );
  const sections = Object.keys(after.state) as (keyof EsmeState)[];
  const changed = sections.filter((section) => !Object.is(before.state[section], after.state[section]));
  return [...parts, ...changed.map((section) => `state.${section}`)];
}

/** What is wrong with a silence; empty where nothing changed but for one line in the security log. */
export function brokenSilence(before: Esme, { esme: after }: Silent): string {
  const [was, is] = [before.state.securityLog, after.state.securityLog];
  const changed = changes(before, after).filter((one) => one !== "state.securityLog");
  if (changed.length > 0) return `changed: ${changed.join(" ")}`;
  if (is.written !== was.written + 1) return `${is.written - was.written} lines were written`;
  const [older, newer] = [entriesOf(was), entriesOf(is)];
  if (newer.length > EVENT_LOG_DEPTH) return `the security log has ${newer.length} lines`;
  const kept = newer.slice(0, -1);
  const last = newer.at(-1);
  if (last === undefined || last.timestamp !== AT || !last.text.startsWith("meter: gbcs-"))
    return "its line is another";
  return kept.every((entry, at) => entry === older[older.length - kept.length + at]) ? "" : "older lines changed";
}

/** A copy with one octet changed. */
export function flipped(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
}
