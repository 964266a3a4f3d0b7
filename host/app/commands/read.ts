// `esme read ...` and `esme export`: what the store holds, read in a process of its own while the owner goes on writing.

import { join } from "node:path";
import { openHubReader } from "../../adapters/store/hub-reader.js";
import { entriesOf } from "../../ledger/log.js";
import type { Four } from "../../ledger/quantities.js";
import { rfc3339 } from "../../ledger/units.js";
import { systemClock } from "../clocks.js";
import { refuse } from "../refusal.js";
import { table } from "../table.js";
import { duration, kwh } from "../words.js";
import { codeText, textOf } from "./read-supply.js";
import { ALWAYS, type Options, say, within, withReader } from "./reading.js";

export function readRegisters(options: Options): void {
  withReader(options, (reader, name) => {
    const stored = reader.registers(name);
    if (stored === null) return;
    const { register_wh, open, unallocated_wh, dropped_wh, profile_wh } = stored;
    const at = stored.at === null ? null : rfc3339(stored.at);
    const age_ms = stored.at === null ? null : systemClock.utc() - stored.at;
    if (options.json === true)
      return say(
        JSON.stringify({
          schema: "esme/registers/1",
          at,
          // A house whose time is simulated may be ahead of this machine: then nobody knows.
          age_s: age_ms === null || age_ms < 0 ? null : Math.floor(age_ms / 1_000),
          source: name,
          ...named(register_wh),
          open: open === null ? null : { end: rfc3339(open.end), ...named(open.wh) },
          unallocated: named(unallocated_wh),
          dropped: named(dropped_wh),
        }),
      );
    say(`${name} at ${at ?? "(no reading yet)"}${age_ms === null ? "" : agedBy(age_ms)}\n`);
    const rows = (["import", "export"] as const).map((direction, q) => [
      `active ${direction}`,
      kwh(register_wh[q as 0 | 1]),
      ...[profile_wh, open?.wh, unallocated_wh, dropped_wh].map((part) => `${part?.[q as 0 | 1] ?? 0} Wh`),
    ]);
    const reactive = (["import", "export"] as const).map((direction, q) => [
      `reactive ${direction}`,
      kwh(register_wh[(q + 2) as 2 | 3]).replace("kWh", "kvarh"),
      ...[profile_wh, open?.wh, unallocated_wh, dropped_wh].map((part) => `${part?.[(q + 2) as 2 | 3] ?? 0} varh`),
    ]);
    say(table(["", "register", "= profile", "+ open", "+ unallocated", "+ dropped"], [...rows, ...reactive]));
  });
}

/** What befell the ledger, and the meter's own event log, in the order of time. */
export function readEvents(options: Options): void {
  withReader(options, (reader, name) => {
    const ledger = reader
      .events(name, options.from ?? ALWAYS.from, options.to ?? ALWAYS.to)
      .map(({ at, code, text }) => ({ at, log: "ledger", code, text }));
    const logged = reader.state(name)?.state.eventLog;
    const meter = (logged === undefined ? [] : entriesOf(logged))
      .filter(({ timestamp }) => within(options, timestamp))
      .map((entry) => ({
        at: entry.timestamp,
        log: "event log",
        code: codeText(entry.logCode),
        text: textOf(entry),
      }));
    const all = meter.length === 0 ? ledger : [...ledger, ...meter].sort((one, other) => one.at - other.at);
    if (options.json === true) return say(JSON.stringify(all.map((one) => ({ ...one, at: rfc3339(one.at) }))));
    say(
      table(
        ["at", "log", "event", ""],
        all.map(({ at, log, code, text }) => [rfc3339(at), log, code, text]),
      ),
    );
  });
}

export function readForwarded(options: Options): void {
  const opened = openHubReader(join(options.data, "hub.sqlite"));
  if (!opened.ok) refuse(opened);
  const { reader } = opened;
  const from = options.from ?? ALWAYS.from;
  const to = options.to ?? ALWAYS.to;
  const messages = [...reader.forwarded()]
    .filter(({ received }) => from <= received && received < to)
    .map(({ meter, id, kind, received, body }) => ({
      meter,
      id,
      kind,
      received: rfc3339(received),
      body: bodyOf(body),
    }));
  reader.close();
  if (options.json === true) return say(JSON.stringify(messages));
  say(
    table(
      ["meter", "id", "received", "message"],
      messages.map(({ meter, id, received, body }) => [
        meter,
        String(id),
        received,
        typeof body === "string" ? body : JSON.stringify(body),
      ]),
    ),
  );
}

/** What is on the disk may be as old as the longest `commit_every`; beyond it the source is silent, or nothing is metering. */
const SILENT_ms = 15 * 60_000;

function agedBy(age_ms: number): string {
  if (age_ms > SILENT_ms) return `: no data for ${duration(age_ms)}`;
  return age_ms < 0 ? "" : `, ${duration(age_ms)} ago`;
}

function named(wh: Four<number>) {
  return { import_wh: wh[0], export_wh: wh[1], import_varh: wh[2], export_varh: wh[3] };
}

/** JSON bodies as they are, anything else as hex. */
function bodyOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return Buffer.from(body).toString("hex");
  }
}
