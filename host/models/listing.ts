// The tables of the meters as `esme meters` and docs/spec/meters.md show them, made of nothing else: a new model needs no other edit.

import type { Model } from "./model.js";
import type { Quantity, Unit } from "./quantities.js";
import { type ReadFunction, type Row, wordsOfRow } from "./rows.js";

export interface ListedPoint {
  readonly name: Quantity;
  readonly function: ReadFunction;
  /** As sent on the wire; of a SunSpec model its offset from the model's id word. */
  readonly address: number;
  readonly words: number;
  readonly type: Row["type"];
  readonly wordOrder: Row["wordOrder"];
  readonly unit: Unit;
  /** Or where the word with its power of ten stands. */
  readonly scale: Row["scale"];
}

/** A meter as `esme meters --json` tells it. */
export interface ListedMeter {
  readonly model: string;
  readonly maker: string;
  readonly title: string;
  readonly direction: Model["direction"];
  readonly phases: Model["phases"];
  readonly netting: Model["netting"];
  readonly resolution_wh: number;
  readonly wraps_kwh: number | null;
  readonly sources: readonly string[];
  readonly notes: readonly string[];
  readonly points: readonly ListedPoint[];
}

export function listed(model: Model): ListedMeter {
  const rows = Object.entries(model.points) as readonly (readonly [Quantity, Row])[];
  const { maker, title, direction, phases, netting, resolution_wh, wraps_kwh, sources, notes } = model;
  return {
    model: model.model,
    maker,
    title,
    direction,
    phases,
    netting,
    resolution_wh,
    wraps_kwh,
    sources,
    notes,
    points: rows.map(([name, row]) => ({
      name,
      function: row.function,
      address: row.address,
      words: wordsOfRow(row),
      type: row.type,
      wordOrder: row.wordOrder,
      unit: row.unit,
      scale: row.scale,
    })),
  };
}

/** What a model can tell of direction, in words. */
export const DIRECTIONS: { readonly [direction in Model["direction"]]: string } = {
  both: "import and export",
  none: "no direction",
  generation: "generation",
};

/** Maker and title, unless the title says the maker already. */
export function inFullName({ maker, title }: Pick<Model, "maker" | "title">): string {
  return title.startsWith(maker) ? title : `${maker} ${title}`;
}

/** The step of its counters, in the unit that says it shortest. */
export function stepInWords({ resolution_wh }: Pick<Model, "resolution_wh">): string {
  return resolution_wh >= 10 ? `${resolution_wh / 1_000} kWh` : `${resolution_wh} Wh`;
}

export function addressInWords(model: Pick<Model, "base">, address: number): string {
  if (model.base.kind === "sunspec") return `+${address}`;
  return `0x${address.toString(16).toUpperCase().padStart(4, "0")}`;
}

export function scaleInWords(scale: Row["scale"]): string {
  return typeof scale === "number" ? String(scale) : `10^[+${scale.exponentAt}]`;
}

/** docs/spec/meters.md. */
export function metersPage(models: Iterable<Model>): string {
  const all = [...models];
  return [
    "# The meters",
    "",
    "Every Modbus meter that there is a table of, made from `host/models/meters/` by `test/models/listing.test.ts`; how they are asked",
    "is in [modbus.md](modbus.md). Addresses are those on the wire; `+n` counts from the id word of a SunSpec model. A new model is one",
    "new file there: this page is made anew by `npx vitest run test/models/listing.test.ts -u`; the simulator, `esme meters` and the",
    "planner find it.",
    "",
    "| model | maker | phases | tells | step | begins again at |",
    "|---|---|---|---|---|---|",
    ...all.map((one) => {
      const wraps = one.wraps_kwh === null ? "" : `${one.wraps_kwh} kWh`;
      const name = `[${one.model}](#${one.model})`;
      return `| ${name} | ${inFullName(one)} | ${one.phases} | ${DIRECTIONS[one.direction]} | ${stepInWords(one)} | ${wraps} |`;
    }),
    ...all.flatMap(sectionOf),
    "",
  ].join("\n");
}

const NETTINGS: { readonly [netting in NonNullable<Model["netting"]>]: string } = {
  algebraic: "by the sum of its phases",
  "per-phase": "each phase by itself",
  absolute: "by the magnitude of each phase",
};

function sectionOf(model: Model): readonly string[] {
  const { bus, pace, base, serial, netting, golden } = model;
  const rows = Object.entries(model.points) as readonly (readonly [Quantity, Row])[];
  const facts = [
    ...(netting === null ? [] : [`Three phases become one flow ${NETTINGS[netting]}.`]),
    `Its line: ${bus.speeds.join(", ")} baud, parity ${bus.parities.join(", ")}, address ${bus.address} as it leaves the works.`,
    `A read asks for at most ${pace.mostWords} words${pace.mayReadGaps ? "" : " that all belong to rows"}.`,
    `It answers within ${pace.answer_ms} ms${pace.pause_ms === 0 ? "" : `, and wants ${pace.pause_ms} ms of silence between questions`}.`,
    base.kind === "sunspec"
      ? `Its table is found by the SunSpec chain: model ${base.ids.join(" or ")}. Its serial number is the common model's.`
      : serial === null
        ? "It cannot say its serial number."
        : `Its serial number stands at ${addressInWords(model, serial.address)} (function ${serial.function}).`,
    ...(model.settings ?? []).map(
      ({ address, is, otherwise }) =>
        `Its word at ${addressInWords(model, address)} ought to be ${is.join(" or ")}: ${otherwise}.`,
    ),
  ];
  return [
    "",
    `## ${model.model}`,
    `${inFullName(model)}. ${facts.join(" ")}`,
    "",
    ...model.notes.map((note) => `- ${note}`),
    ...model.sources.map((source) => `- Source: ${source}.`),
    "",
    "| quantity | function | address | type | unit | scale | |",
    "|---|---|---|---|---|---|---|",
    ...rows.map(([name, row]) => {
      const cells = [
        name,
        row.function,
        addressInWords(model, row.address),
        typeOf(row),
        row.unit,
        scaleInWords(row.scale),
      ];
      return `| ${cells.join(" | ")} | ${remarksOn(model, row)} |`;
    }),
    "",
    `Golden frame (${golden.source}):`,
    "```",
    golden.question,
    ...linesOf(golden.answer),
    "```",
  ];
}

function typeOf({ type, wordOrder }: Row): string {
  return type.endsWith("16") ? type : `${type} ${wordOrder === "high-first" ? "high word first" : "low word first"}`;
}

function remarksOn(model: Model, { absent, sign, disputed }: Row): string {
  return [
    ...(absent === undefined ? [] : [`${absent.replace("-", " ")}: not known`]),
    ...(sign === undefined ? [] : ["its sign is turned round"]),
    ...(disputed === undefined
      ? []
      : [`disputed${disputed.addresses.map((one) => ` ${addressInWords(model, one)}`).join(",")}: ${disputed.note}`]),
  ].join("; ");
}

/** Hex pairs, forty a line. */
function linesOf(hex: string): readonly string[] {
  const pairs = hex.split(" ");
  return Array.from({ length: Math.ceil(pairs.length / 40) }, (_, k) => pairs.slice(40 * k, 40 * k + 40).join(" "));
}
