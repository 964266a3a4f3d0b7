// The board killed, paused, reset, its line damaged, its host's line half broken, each in the middle of metering and over a half-hour
// edge: a half hour is right to 1 Wh or says by a flag that it may not be; the registers are right to the published bound.
//
// Executed cases look at the minute around one edge; their first half hour is `partial` by nature (it began before the bench did) and
// is held to its truth all the same, from the first reading on. Fast and whole cases saw the half hour from its beginning.

import { kept } from "../../host/ledger/profile.js";
import { HALF_HOUR_ms } from "../../host/ledger/units.js";
import type { BoardOptionsInput } from "../../host/sim/board-options.js";
import { Noise } from "../../host/sim/noise.js";
import { random } from "../store/houses.js";
import { casesAt, type Proof, type Verdict } from "./proof.js";
import { START_utc_ms, Workbench } from "./workbench.js";

type Fidelity = "executed" | "fast";
type Fault =
  | "power cut"
  | "two cuts over the edge"
  | "reset"
  | "host deaf"
  | "line stalls"
  | "1 byte in 200"
  | "half lines and floods";

/** What a power cut may cost a clamp (link.md). */
const CUT_wh = 20;
/** An entry is a difference of whole Wh, and the board itself meters to a tenth of a percent. */
const ENTRY_wh = 1;
const METERING_share = 0.001;
const METERING_wh = 0.05;
const REGISTER_share = 0.005;
const REGISTER_wh = 0.05;

export const proof: Proof = {
  name: "fault-board",
  claim:
    "The board killed, paused, reset, its line corrupted at 1 byte in 200: the half hour is right to 1 Wh or flagged",
  cases: (effort) =>
    casesAt(
      effort,
      [
        "executed: 1 byte in 200",
        "executed: power cut",
        "fast: line stalls",
        "fast: reset",
        "fast: half lines and floods",
      ],
      [
        "executed: reset",
        "executed: host deaf",
        "executed: line stalls",
        "executed: half lines and floods",
        "executed: two cuts over the edge",
        "fast: 1 byte in 200",
        "fast: power cut",
        "fast: two cuts over the edge",
        "fast: host deaf",
      ],
      ["executed whole: host deaf"],
    ),
  run: async (case_, seed) => {
    const [how, fault] = case_.split(": ") as [string, Fault];
    return faulty(fault, how.startsWith("executed") ? "executed" : "fast", how !== "executed", seed);
  },
};

async function faulty(fault: Fault, fidelity: Fidelity, whole: boolean, seed: number): Promise<Verdict> {
  const before_s = whole ? 1_830 : 30;
  const after_s = fidelity === "executed" ? 15 : 900;
  const board: BoardOptionsInput = {
    fidelity,
    frontEnd: { like: "ideal" },
    ppm: 300,
    seed,
    scenario: { kind: "demo", swing_w: 4_500, hold_s: 20, ramp_s: 5 },
  };
  const startUtc_ms = START_utc_ms + HALF_HOUR_ms - before_s * 1_000;
  const bench = new Workbench({ board, startUtc_ms });
  const cable = new Cable(bench, seed);
  bench.arrive();
  const edge_s = before_s;
  const runTo = (time_s: number) => {
    bench.run(Math.max(0, time_s - bench.time_s));
  };
  const lead_s = fidelity === "executed" ? 20 : 600;
  runTo(5);
  const baseline = bench.notices.find(({ name }) => name === "grid")?.notice;
  const baseline_s = baseline?.kind === "event" ? (baseline.at - startUtc_ms) / 1_000 : Number.NaN;
  const atBaseline = truthOf(bench, baseline_s);
  // The half hour that ends at the edge began with the bench, or was seen whole.
  if (whole) runTo(edge_s - 1_790);
  const atStart = whole ? truthOf(bench, edge_s - 1_800) : atBaseline;
  runTo(edge_s - lead_s);
  const cuts = inflict(fault, bench, cable, runTo, edge_s, lead_s);
  runTo(edge_s + after_s);
  const atEnd = truthOf(bench, edge_s);
  cable.mend();
  runTo(edge_s + after_s + 10);
  const truths = { end: startUtc_ms + edge_s * 1_000, whole, atBaseline, atStart, atEnd };
  return verdictOf({ bench, fault, fidelity, cuts, cable, seed }, truths);
}

/** Does it, over the edge; gives how many power cuts that were. */
function inflict(
  fault: Fault,
  bench: Workbench,
  cable: Cable,
  runTo: (s: number) => void,
  edge_s: number,
  lead_s: number,
): number {
  const { board } = bench;
  switch (fault) {
    case "power cut":
      runTo(edge_s - 4);
      board.powerCut(3);
      return 1;
    case "two cuts over the edge":
      runTo(edge_s - 9);
      board.powerCut(2);
      runTo(edge_s - 2);
      board.powerCut(5);
      return 2;
    case "reset":
      runTo(edge_s - 5);
      board.reset();
      return 1;
    case "host deaf":
      runTo(edge_s - Math.min(lead_s, 12));
      cable.deaf = true;
      runTo(edge_s + 10);
      cable.deaf = false;
      return 0;
    case "line stalls":
      // Everything is held up for longer than the host has patience for, then comes at once.
      runTo(edge_s - Math.min(lead_s, 18));
      cable.stalled = true;
      runTo(edge_s + 7);
      cable.stalled = false;
      return 0;
    case "1 byte in 200":
      cable.rate = 1 / 200;
      return 0;
    case "half lines and floods":
      cable.torn = true;
      return 0;
  }
}

/** The line between the two: both ways pass here. */
class Cable {
  deaf = false;
  torn = false;
  damaged = 0;
  #stalled = false;
  #held: Uint8Array[] = [];
  #line: Buffer = Buffer.alloc(0);
  readonly #up: Noise;
  readonly #down: Noise;
  readonly #next: () => number;

  constructor(bench: Workbench, seed: number) {
    this.#up = new Noise(0, seed);
    this.#down = new Noise(0, seed + 1);
    this.#next = random(seed);
    const send = bench.board.send.bind(bench.board);
    bench.board.send = (bytes) => {
      if (!this.deaf && !(this.torn && this.#next() < 0.3)) send(this.#down.pass(bytes));
    };
    bench.line = (bytes) => this.#pass(bytes);
  }

  set rate(share: number) {
    this.#up.rate = share;
    this.#down.rate = share;
  }

  set stalled(stalled: boolean) {
    this.#stalled = stalled;
  }

  mend(): void {
    this.rate = 0;
    this.torn = false;
  }

  get corrupted(): number {
    return this.#up.corrupted + this.#down.corrupted + this.damaged;
  }

  #pass(bytes: Uint8Array): Uint8Array {
    if (this.deaf) return new Uint8Array();
    if (this.#stalled) {
      this.#held.push(bytes.slice());
      return new Uint8Array();
    }
    if (this.#held.length > 0) {
      const all = Buffer.concat([...this.#held, bytes]);
      this.#held = [];
      return all;
    }
    return this.torn ? this.#lines(bytes) : this.#up.pass(bytes);
  }

  /** An executed board's bytes come one by one: they are torn line by line all the same. */
  #lines(bytes: Uint8Array): Uint8Array {
    this.#line = Buffer.concat([this.#line, bytes]);
    const out: Uint8Array[] = [];
    for (let lf = this.#line.indexOf(10); lf >= 0; lf = this.#line.indexOf(10)) {
      out.push(this.#tear(this.#line.subarray(0, lf + 1)));
      this.#line = this.#line.subarray(lf + 1);
    }
    return Buffer.concat(out);
  }

  /** Half of a line now and then, and garbage of up to some kilobytes without an end. */
  #tear(bytes: Uint8Array): Uint8Array {
    const luck = this.#next();
    if (luck < 0.1) {
      this.damaged++;
      return bytes.slice(0, Math.floor(bytes.length * this.#next()));
    }
    if (luck > 0.97) {
      this.damaged++;
      const flood = Uint8Array.from({ length: Math.floor(this.#next() * 6_000) }, () => Math.floor(this.#next() * 256));
      return Buffer.concat([flood.filter((byte) => byte !== 10), bytes]);
    }
    return bytes;
  }
}

interface Energies {
  readonly import_uwh: number;
  readonly export_uwh: number;
}

function truthOf(bench: Workbench, time_s: number): Energies {
  return bench.truthAt(time_s)[0];
}

interface Case {
  readonly bench: Workbench;
  readonly fault: Fault;
  readonly fidelity: Fidelity;
  readonly cuts: number;
  readonly cable: Cable;
  readonly seed: number;
}

/** The half hour's end, whether it was seen whole, and what had flowed by then. */
interface Truths {
  readonly end: number;
  readonly whole: boolean;
  readonly atBaseline: Energies;
  readonly atStart: Energies;
  readonly atEnd: Energies;
}

function verdictOf({ bench, fault, fidelity, cuts, cable, seed }: Case, truths: Truths): Verdict {
  const ledger = bench.ledger();
  const wrong: string[] = [];
  const { atBaseline, atStart, atEnd } = truths;
  const entry = [...kept(ledger.profile)].find((one) => one.end === truths.end);
  if (entry === undefined) wrong.push("the half hour is missing");
  const true_wh = [
    (atEnd.import_uwh - atStart.import_uwh) / 1e6,
    (atEnd.export_uwh - atStart.export_uwh) / 1e6,
  ] as const;
  const half_hour_wh = Math.max(Math.abs((entry?.wh[0] ?? 0) - true_wh[0]), Math.abs((entry?.wh[1] ?? 0) - true_wh[1]));
  // A board that was told the time within this half hour has no memory of its end: only then does `partial` excuse what a gap hides.
  const excused = truths.whole || fault === "host deaf" || fault === "half lines and floods";
  const flags = (entry?.flags ?? []).filter((flag) => flag !== "partial" || excused);
  const allowed_wh = ENTRY_wh + METERING_wh + METERING_share * Math.max(...true_wh);
  if (half_hour_wh > allowed_wh && flags.length === 0)
    wrong.push(`the half hour [${entry?.flags}] is off by ${half_hour_wh.toFixed(2)} Wh`);
  const last = bench.truthAtLastReport()[0];
  const cost_wh = cuts * CUT_wh;
  let register_wh = 0;
  for (const [q, way] of (["import_uwh", "export_uwh"] as const).entries()) {
    const truth_wh = (last[way] - atBaseline[way]) / 1e6;
    const off_wh = (ledger.cumulative[q as 0 | 1] ?? 0) / 1e6 - truth_wh;
    if (Math.abs(off_wh) > Math.abs(register_wh)) register_wh = off_wh;
    const bound_wh = REGISTER_share * truth_wh + REGISTER_wh;
    // A cut may lose energy, up to the bound; nothing may ever add any.
    if (off_wh > bound_wh || off_wh < -bound_wh - cost_wh)
      wrong.push(`the ${way.slice(0, 6)} register is off by ${off_wh.toFixed(3)} Wh of ${truth_wh.toFixed(1)}`);
  }
  const faults = [...(bench.meter?.view().faults ?? [])].map(([kind, bytes]) => `${kind} ${bytes}`).join(", ");
  const codes = bench.notices.flatMap(({ name, notice }) =>
    name === "grid" && notice.kind === "event" ? [notice.code] : [],
  );
  if ((fault === "1 byte in 200" || fault === "half lines and floods") && (cable.corrupted === 0 || faults === ""))
    wrong.push("the damage was not counted");
  if (cuts > 0 && flags.length === 0) wrong.push("the cut is not told by a flag");
  const off = `half hour off by ${half_hour_wh.toFixed(2)} Wh [${flags}], register by ${register_wh.toFixed(3)} Wh`;
  const seen = `${off}; ${codes.join(", ")}; ${faults || "no fault counted"}`;
  return {
    ok: wrong.length === 0,
    said: `${fidelity}, ${fault}, seed ${seed}: ${wrong.length > 0 ? `${wrong.join("; ")}; ` : ""}${seen}`,
    figures: { half_hour_wh, register_wh, flags: flags.length, corrupted: cable.corrupted, wrong: wrong.length },
  };
}
