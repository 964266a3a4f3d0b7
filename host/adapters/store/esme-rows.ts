// The state of an ESME in the tables: a row for each section, as the declaration writes it, and one for each entry of a log. Read back,
// everything is checked by the declaration.

import { z } from "zod";
import type { Esme } from "../../ledger/esme.js";
import type { EsmeLive, EsmeState } from "../../ledger/state/state.js";
import type { Database } from "./database.js";
import { growth, type Paged } from "./growth.js";
import {
  type DeclaredSection,
  LIVE_SECTIONS,
  logAt,
  STATE_SECTIONS,
  withEntries,
  withoutEntries,
} from "./section-logs.js";

type State = Pick<Esme, "state" | "live" | "until">;
type Sections = Readonly<Record<string, unknown>>;

/** What the store holds breaks the declaration: somebody wrote into it. */
export class StoreDamage extends Error {
  override name = "StoreDamage";
  readonly code = "store-damaged";
}

/** Writes the state of an ESME: `before` is what is on the disk of it. A section that is the same object costs nothing. */
export function stateWriter(db: Database): (id: number, before: State | null, now: State) => void {
  const until = db.prepare("INSERT OR REPLACE INTO esmes VALUES (?, ?)");
  const put = db.prepare("INSERT OR REPLACE INTO sections VALUES (?, ?, ?)");
  const enter = db.prepare("INSERT INTO log_entries VALUES (?, ?, ?, ?)");
  const forget = db.prepare("DELETE FROM log_entries WHERE ledger = ? AND log = ? AND id <= ?");
  const forgetAll = db.prepare("DELETE FROM log_entries WHERE ledger = ? AND log = ?");

  function section(id: number, declared: DeclaredSection, before: unknown, now: unknown): void {
    const { name, schema, logs } = declared;
    put.run(id, name, JSON.stringify(z.encode(schema, withoutEntries(now, declared))));
    for (const one of logs) {
      const log = logAt(now, one);
      const was = before === undefined ? null : logAt(before, one);
      if (log === was) continue;
      const { replaced, first, entries } = growth(was === null ? null : paged(was), paged(log));
      if (replaced) forgetAll.run(id, one.name);
      // An entry's id is how many were written with it.
      entries.forEach((entry, at) => {
        enter.run(id, one.name, first + at + 1, JSON.stringify(z.encode(one.entry, entry)));
      });
      forget.run(id, one.name, log.written - log.size);
    }
  }

  function sections(id: number, all: readonly DeclaredSection[], before: Sections | null, now: Sections): void {
    if (before === now) return;
    for (const declared of all) {
      const { name } = declared;
      if (before?.[name] !== now[name]) section(id, declared, before?.[name], now[name]);
    }
  }

  return (id, before, now) => {
    if (before?.until !== now.until) until.run(id, now.until === Number.NEGATIVE_INFINITY ? null : now.until);
    sections(id, STATE_SECTIONS, before?.state ?? null, now.state);
    sections(id, LIVE_SECTIONS, before?.live ?? null, now.live);
  };
}

/** Reads the state of the ESME whose ledger has this id; null where that is a ledger only. Throws `StoreDamage`. */
export function stateLoader(db: Database): (id: number) => State | null {
  const untils = db.prepare("SELECT until_ms FROM esmes WHERE ledger = ?");
  const bodies = db.prepare("SELECT name, body FROM sections WHERE ledger = ?");
  const entries = db.prepare("SELECT id, body FROM log_entries WHERE ledger = ? AND log = ? ORDER BY id");

  function section(id: number, declared: DeclaredSection, body: string | undefined): unknown {
    if (body === undefined) throw new StoreDamage(`the section ${declared.name} is missing`);
    let value = decoded(declared.schema, body, declared.name);
    for (const log of declared.logs) {
      const rows = entries.all(id, log.name);
      const { written } = logAt(value, log);
      const whole = rows.length <= log.depth && rows.every((row, at) => row.id === written - rows.length + at + 1);
      if (!whole) throw new StoreDamage(`the log ${log.name} does not end with its entry ${written}, or is too deep`);
      value = withEntries(
        value,
        log,
        rows.map((row) => decoded(log.entry, String(row.body), `${log.name}, entry ${row.id}`) as object),
      );
    }
    return value;
  }

  return (id) => {
    const [row] = untils.all(id);
    if (row === undefined) return null;
    const stored = new Map(bodies.all(id).map((one) => [String(one.name), String(one.body)]));
    const all = (declared: readonly DeclaredSection[]) =>
      Object.fromEntries(declared.map((one) => [one.name, section(id, one, stored.get(one.name))]));
    return {
      state: all(STATE_SECTIONS) as EsmeState,
      live: all(LIVE_SECTIONS) as EsmeLive,
      until: row.until_ms === null ? Number.NEGATIVE_INFINITY : Number(row.until_ms),
    };
  };
}

function paged(log: ReturnType<typeof logAt>): Paged<object> {
  return { pages: log.pages, total: log.written, size: log.size };
}

function decoded(schema: z.ZodType, body: string, place: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new StoreDamage(`${place} is no JSON`);
  }
  const result = z.safeDecode(schema, json as never);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new StoreDamage(`${[place, ...(issue?.path ?? [])].join(".")}: ${issue?.message}`);
}
