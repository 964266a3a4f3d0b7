// `esme read boundaries`: what follows from all sources of a house, half hour by half hour. Derived here, kept nowhere.

import { existsSync } from "node:fs";
import { openHalfHours } from "../../adapters/store/half-hour-reader.js";
import { type BoundaryHalfHour, type Derived, derived } from "../../ledger/house/derived.js";
import type { HalfHour } from "../../ledger/profile.js";
import { rfc3339, type Utc_ms } from "../../ledger/units.js";
import type { LedgerReader } from "../../ports/store.js";
import { houseOfFile } from "../config/house.js";
import { configPath } from "../data-dir.js";
import { Refusal } from "../refusal.js";
import { table } from "../table.js";
import { ALWAYS, type Options, opened, say } from "./opening.js";

interface Row {
  readonly end: Utc_ms;
  readonly sources: readonly BoundaryHalfHour[];
  readonly sum: Derived;
}

export function readBoundaries(options: Options): void {
  opened(options, openHalfHours, (reader) => {
    const rows = boundariesOf(reader, stillThere(options.data), options.from ?? ALWAYS.from, options.to ?? ALWAYS.to);
    if (options.json === true) return say(JSON.stringify(rows.map(asJson)));
    const names = reader.ledgers().filter(({ role }) => role !== "check");
    const head = [
      "half hour ending",
      ...names.map(({ name, role }) => (name === role ? name : `${name} (${role})`)),
      "self-consumption",
      "consumption",
      "closure",
      "",
    ];
    say(
      table(
        head,
        rows.map((row) =>
          cells(
            names.map(({ name }) => name),
            row,
          ),
        ),
      ),
    );
    say(
      "\nWh; a source is import-export. Self-consumption = generation - export, consumption = import + generation - export",
    );
    say(
      "(and what a battery gave and took): derived, not measured, within 1 Wh for each figure that went in. Closure: by how",
    );
    say("much a half hour says what cannot be. docs/spec/boundaries.md");
  });
}

/** The sources that the house has now; null where no configuration says so. What it has no more counts as long as it told. */
function stillThere(data: string): ReadonlySet<string> | null {
  if (!existsSync(configPath(data))) return null;
  try {
    return new Set(houseOfFile(configPath(data)).sources.map(({ name }) => name));
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** Every half hour that one of the sources has told of. */
function boundariesOf(
  reader: LedgerReader,
  there: ReadonlySet<string> | null,
  from: Utc_ms,
  to: Utc_ms,
): readonly Row[] {
  const sources = reader
    .ledgers()
    .flatMap(({ name, role }) =>
      role === "check"
        ? []
        : [{ name, role, entries: new Map(reader.profile(name, from, to).map((entry) => [entry.end, entry])) }],
    );
  const ends = [...new Set(sources.flatMap(({ entries }) => [...entries.keys()]))].sort((a, b) => a - b);
  return ends.map((end) => {
    const told = sources.flatMap(({ name, role, entries }) => {
      const entry = entries.get(end) ?? null;
      return entry === null && there?.has(name) === false ? [] : [{ name, role, entry }];
    });
    return { end, sources: told, sum: derived(told) };
  });
}

function cells(names: readonly string[], { end, sources, sum }: Row): readonly string[] {
  const whole = (wh: number | null) => (wh === null ? "-" : String(wh));
  const both = (entry: HalfHour | null) => (entry === null ? "-" : `${whole(entry.wh[0])}-${whole(entry.wh[1])}`);
  const flagged = sources.some(({ entry }) => (entry?.flags.length ?? 0) > 0);
  const beyond = !flagged && sum.closure_wh !== null && sum.closure_wh > sum.within_wh;
  return [
    rfc3339(end),
    ...names.map((name) => both(sources.find((source) => source.name === name)?.entry ?? null)),
    whole(sum.selfConsumption_wh),
    whole(sum.consumption_wh),
    `${whole(sum.closure_wh)}${beyond ? " !" : ""}`,
    flagged ? "flagged" : "",
  ];
}

function asJson({ end, sources, sum }: Row) {
  return {
    end: rfc3339(end),
    sources: sources.map(({ name, role, entry }) => ({
      name,
      role,
      import_wh: entry?.wh[0] ?? null,
      export_wh: entry?.wh[1] ?? null,
      flags: entry?.flags ?? [],
    })),
    generation_wh: sum.generation_wh,
    self_consumption_wh: sum.selfConsumption_wh,
    consumption_wh: sum.consumption_wh,
    closure_wh: sum.closure_wh,
    within_wh: sum.within_wh,
  };
}
