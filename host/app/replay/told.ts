// What a line of a replay file may tell besides plain counters (docs/spec/replay.md): phases, the secondary element, the supply, the clock
// set, an outage, a command. Total: any text gives what it tells, or what is wrong with it.

import { z } from "zod";
import { type Command, type Deed, RESETS, SETTABLE, type Settable } from "../../ledger/commands.js";
import type { Reading, Supply } from "../../ledger/events.js";
import { CLOCK_MASTERS } from "../../ledger/names.js";
import type { Counters } from "../../ledger/quantities.js";
import { type EsmeState, esmeState } from "../../ledger/state/state.js";
import { moment } from "../../ledger/state/words.js";
import { cumulativeFromWh, type MicroWattHours, Utc_ms } from "../../ledger/units.js";
import { isEnergy, momentOf, readingOfValue } from "./lines.js";

type Three<T> = readonly [T, T, T];
type Voltages = Three<number | null>;
type Active = readonly [MicroWattHours, MicroWattHours];

/** A line with nothing but plain counters is a reading; the others are for the grid's meter only. */
export type Told =
  | Reading
  | Measured
  | { readonly kind: "clock-set"; readonly at: Utc_ms; readonly to: Utc_ms }
  | {
      readonly kind: "outage";
      readonly at: Utc_ms;
      readonly supply: "interrupted" | "restored";
      readonly voltages_dv: Voltages | null;
    }
  | Command;

export interface Measured {
  readonly kind: "measured";
  readonly at: Utc_ms;
  /** The plain counters, if any: of a polyphase meter the sum of its phases, netted within a window of the board's own. */
  readonly reading: Reading | null;
  readonly phases: Three<Active> | null;
  /** Reactive energy of all phases together. */
  readonly reactive: Active | null;
  readonly secondary: MicroWattHours | null;
  readonly supply: Supply | null;
}

/** Six of them still sum to a safe integer of µWh. */
const MOST_OF_A_PHASE_wh = 1.5e9;
const RICH = ["phases", "secondary_wh", "voltages", "import_w", "clock", "supply", "command"] as const;

type Line = { readonly [key: string]: unknown };

export function toldBy(text: string): Told | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "not a JSON object";
  }
  if (typeof value !== "object" || value === null) return "not a JSON object";
  const line = value as Line;
  if (!RICH.some((key) => line[key] !== undefined)) return readingOfValue(line);
  const at_ms = typeof line.at === "string" ? momentOf(line.at) : Number.NaN;
  if (Number.isNaN(at_ms)) return "at is not an RFC 3339 time";
  const at = Utc_ms(at_ms);
  if (line.command !== undefined) return commandOf(line, at);
  if (line.clock !== undefined) return clockOf(line, at);
  if (line.supply !== undefined) return outageOf(line, at);
  return measuredOf(line, at);
}

function clockOf({ clock }: Line, at: Utc_ms): Told | string {
  const to_ms = typeof clock === "string" ? momentOf(clock) : Number.NaN;
  return Number.isNaN(to_ms) ? "clock is not an RFC 3339 time" : { kind: "clock-set", at, to: Utc_ms(to_ms) };
}

function outageOf({ supply, voltages }: Line, at: Utc_ms): Told | string {
  if (supply !== "interrupted" && supply !== "restored") return 'supply is "interrupted" or "restored"';
  if (voltages === undefined) return { kind: "outage", at, supply, voltages_dv: null };
  const voltages_dv = voltagesOf(voltages);
  return typeof voltages_dv === "string" ? voltages_dv : { kind: "outage", at, supply, voltages_dv };
}

function measuredOf(line: Line, at: Utc_ms): Told | string {
  const { import_wh, export_wh, import_varh, export_varh } = line;
  const plain = [import_wh, export_wh].some((value) => value !== undefined);
  const reading = plain ? readingOfValue(line) : null;
  if (typeof reading === "string") return reading;
  const phases = line.phases === undefined ? null : phasesOf(line.phases);
  if (typeof phases === "string") return phases;
  if (line.secondary_wh !== undefined && !isEnergy(line.secondary_wh)) return "secondary_wh is cumulative Wh";
  const secondary = line.secondary_wh === undefined ? null : cumulativeFromWh(line.secondary_wh as number);
  if (secondary !== null && reading === null)
    return "secondary_wh comes with import_wh and export_wh of the primary element";
  if (secondary !== null && phases !== null) return "a meter has phases or a secondary element, not both";
  const supply = supplyOf(line, at);
  if (typeof supply === "string") return supply;
  let reactive: Active | null = null;
  if (import_varh !== undefined || export_varh !== undefined) {
    if (!isEnergy(import_varh) || !isEnergy(export_varh))
      return "import_varh and export_varh come together, cumulative varh";
    if (reading === null && phases === null) return "reactive energy comes with active energy";
    reactive = [cumulativeFromWh(import_varh), cumulativeFromWh(export_varh)];
  }
  return { kind: "measured", at, reading, phases, reactive, secondary, supply };
}

function phasesOf(value: unknown): Three<Active> | string {
  const wrong = "phases are three of {import_wh, export_wh}, cumulative Wh, 0 to 1,500,000,000";
  if (!Array.isArray(value) || value.length !== 3) return wrong;
  const each = value.map((phase): Active | null => {
    if (typeof phase !== "object" || phase === null) return null;
    const { import_wh, export_wh } = phase as Line;
    if (!isEnergy(import_wh) || !isEnergy(export_wh)) return null;
    if (Math.max(import_wh, export_wh) > MOST_OF_A_PHASE_wh) return null;
    return [cumulativeFromWh(import_wh), cumulativeFromWh(export_wh)];
  });
  return each.includes(null) ? wrong : (each as unknown as Three<Active>);
}

function supplyOf({ voltages, import_w }: Line, at: Utc_ms): Supply | null | string {
  if (voltages === undefined && import_w === undefined) return null;
  if (import_w !== undefined && !(typeof import_w === "number" && import_w >= 0 && import_w <= 1e6))
    return "import_w is a power, 0 to 1,000,000 W";
  const voltages_dv = voltages === undefined ? ([null, null, null] as const) : voltagesOf(voltages);
  if (typeof voltages_dv === "string") return voltages_dv;
  const watts = import_w === undefined ? null : Math.round(import_w as number);
  return { kind: "supply", at, voltages_dv, import_w: watts, primary_w: watts };
}

function voltagesOf(value: unknown): Voltages | string {
  const wrong = "voltages are those of phases 1, 2 and 3, 0 to 1,000 V, null where it is not measured";
  const isVoltage = (one: unknown) => one === null || (typeof one === "number" && one >= 0 && one <= 1_000);
  if (!Array.isArray(value) || value.length !== 3 || !value.every(isVoltage)) return wrong;
  return (value as (number | null)[]).map((one) => (one === null ? null : Math.round(one * 10))) as unknown as Voltages;
}

const whole = z.int().min(0);
const deed = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("set-registers"), import_wh: whole, export_wh: whole }),
  z.strictObject({ kind: z.literal("set"), sections: z.record(z.string(), z.unknown()) }),
  z.strictObject({
    kind: z.literal("set-clock"),
    presetTime: moment,
    timeRangeStart: moment,
    timeRangeEnd: moment,
    masterTime: moment.optional(),
  }),
  z.strictObject({ kind: z.literal("clock-master"), master: z.enum(CLOCK_MASTERS) }),
  z.strictObject({ kind: z.literal("supply"), to: z.enum(["enable", "disable", "arm"]) }),
  z.strictObject({
    kind: z.literal("reset"),
    what: z.enum(RESETS),
    phase: z.union([z.literal(1), z.literal(2), z.literal(3)]).optional(),
  }),
  z.strictObject({ kind: z.literal("clear-event-log") }),
]);

function commandOf({ command, by }: Line, at: Utc_ms): Told | string {
  const read = deed.safeParse(command);
  if (!read.success) return `command: ${sentence(read.error)}`;
  if (by !== undefined && (typeof by !== "string" || by === "" || by.length > 40))
    return "by is a short text: who asks";
  const who = typeof by === "string" ? by : "replay";
  if (read.data.kind !== "set") return { kind: "command", at, by: who, deed: read.data as Deed };
  const sections: { [S in Settable]?: EsmeState[S] } = {};
  for (const [section, value] of Object.entries(read.data.sections)) {
    if (!SETTABLE.includes(section as Settable)) return `command.sections.${section}: nobody may set that`;
    const decoded = esmeState.unwrap().shape[section as Settable].safeParse(value);
    if (!decoded.success) return `command.sections.${section}: ${sentence(decoded.error)}`;
    Object.assign(sections, { [section]: decoded.data });
  }
  return { kind: "command", at, by: who, deed: { kind: "set", sections } };
}

/** The first thing that is wrong, with its place. */
function sentence(error: z.core.$ZodError): string {
  const [first] = error.issues;
  const place = first === undefined || first.path.length === 0 ? "" : `${first.path.join(".")}: `;
  return `${place}${first?.message ?? "is wrong"}`;
}

/** Counters of a phase; reactive energy of all phases is carried by the first. */
export function phaseCounters(phases: Three<Active>, reactive: Active | null): Three<Counters> {
  const none = cumulativeFromWh(0);
  return phases.map(([i, e], index): Counters => {
    if (reactive === null) return [i, e, null, null];
    return index === 0 ? [i, e, reactive[0], reactive[1]] : [i, e, none, none];
  }) as unknown as Three<Counters>;
}
