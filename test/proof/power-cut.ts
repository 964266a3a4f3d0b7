// Power cuts of the executed board at one EEPROM write after the other: what it restored against what it had metered.
//
//   ... boot, reports its base ─ plain cut ─ boot ── cut at write k ─ boot, reports its base ─ plain cut ─ boot ── cut at k + 1 ...

import { Eeprom, type WriteFate } from "../../host/sim/eeprom.js";
import { Bench, NOON_s } from "../sim/bench.js";
import { casesAt, type Proof, type Verdict } from "./proof.js";

/** link.md: a clamp loses at most this at a power cut, and never comes back higher than it was. */
const BOUND_wh = 20;
/** How well the truth of the metered time is known: the front end's accuracy, and the windows in progress at either end. */
const UNSURE_share = 0.003;
const UNSURE_wh = 1.4;
/** What flows while a boot writes its snapshot, before it reports: 95 A for 0.4 s. */
const UNREPORTED_wh = 2.5;
const WAIT_FOR_WRITE_s = 300;

export const proof: Proof = {
  name: "power-cut",
  claim: "Power cut of the board at every EEPROM write: the loss never passes the published bound",
  // "12..40/2 torn": at every second of these writes since boot the power fails in that way, once.
  cases: (effort) =>
    casesAt(
      effort,
      ["71..75/2 torn"],
      ["0..90/1 torn", "0..72/4 cut-before", "74..86/3 cut-after"],
      ["91..200/2 torn", "201..440/12 torn", "0..90/2 cut-before", "91..440/29 cut-before", "0..90/2 cut-after"],
    ),
  run: (case_, seed) => Promise.resolve(cuts(case_, seed)),
};

interface Pair {
  readonly import_wh: number;
  readonly export_wh: number;
}

function cuts(case_: string, seed: number): Verdict {
  const [, from, to, by, fate] = /^(\d+)\.\.(\d+)\/(\d+) (.+)$/.exec(case_) ?? [];
  const scenario = {
    kind: "steady" as const,
    clamps: [{ amps: 95 }, { amps: 95, export: true }, { amps: 95 }] as [object, object, object],
  };
  const eeprom = new Eeprom(undefined, seed);
  const bench = new Bench({ scenario, seed }, NOON_s, eeprom);
  let now_s = 0;
  const runUntil = (until: () => boolean, patience_s: number): boolean => {
    for (const end_s = now_s + patience_s; now_s < end_s && !until(); ) {
      now_s += 0.02;
      bench.board.runUntil(now_s);
    }
    return until();
  };
  const truth = (): Pair => {
    const energies = bench.board.truth.at(Math.min(now_s, bench.board.truth.end_s));
    return { import_wh: (energies?.[0].import_uwh ?? 0) / 1e6, export_wh: (energies?.[1].export_uwh ?? 0) / 1e6 };
  };
  /** What flowed since the first window of the boot that began at `booted_s`. */
  const meteredSince = (booted_s: number): Pair => {
    const [first] = bench.executed.windowEnds_s(booted_s, now_s);
    const then = first === undefined ? null : bench.board.truth.at(first);
    if (then === null) return { import_wh: 0, export_wh: 0 };
    const now = truth();
    return { import_wh: now.import_wh - then[0].import_uwh / 1e6, export_wh: now.export_wh - then[1].export_uwh / 1e6 };
  };
  /** The base of the boot that runs now, once it reports, and when it began. */
  const base = (): Pair | null => {
    const first = bench.reports(1).at(-1);
    const second = bench.reports(2).at(-1);
    if (first === undefined || second === undefined || first.boot !== second.boot) return null;
    return { import_wh: first.base.importActive_mwh / 1e3, export_wh: second.base.exportActive_mwh / 1e3 };
  };
  const forget = () => {
    bench.messages.length = 0;
  };

  let worst_wh = Number.NEGATIVE_INFINITY;
  let least_wh = Number.POSITIVE_INFINITY;
  let wrong = 0;
  const judge = (had: Pair, metered: Pair, restored: Pair, allowance_wh: number) => {
    for (const direction of ["import_wh", "export_wh"] as const) {
      const loss_wh = had[direction] + metered[direction] - restored[direction];
      const unsure_wh = UNSURE_wh + UNSURE_share * metered[direction];
      worst_wh = Math.max(worst_wh, loss_wh);
      least_wh = Math.min(least_wh, loss_wh);
      if (loss_wh > BOUND_wh + allowance_wh || loss_wh < -unsure_wh) wrong++;
    }
  };
  const sum = (a: Pair, b: Pair): Pair => ({
    import_wh: a.import_wh + b.import_wh,
    export_wh: a.export_wh + b.export_wh,
  });

  let booted_s = 0;
  if (!runUntil(() => base() !== null, 5)) throw new Error("the board does not report");
  let had = base() as Pair;
  let reached = 0;
  for (let index = Number(from); index <= Number(to); index += Number(by)) {
    const beforePlain = sum(had, meteredSince(booted_s));
    forget();
    bench.board.powerCut(0.5);
    let writes = 0;
    let cut = false;
    eeprom.onWrite = () => {
      if (writes++ !== index) return "done";
      cut = true;
      eeprom.onWrite = null;
      return fate as WriteFate;
    };
    booted_s = now_s;
    if (!runUntil(() => cut, WAIT_FOR_WRITE_s)) break;
    reached++;
    const told = base();
    const metered = meteredSince(booted_s);
    if (told !== null) judge(beforePlain, { import_wh: 0, export_wh: 0 }, told, 0);
    forget();
    booted_s = now_s;
    if (!runUntil(() => base() !== null, 8))
      throw new Error(`the board does not come back after a cut at write ${index}`);
    const restored = base() as Pair;
    if (told === null) judge(beforePlain, { import_wh: 0, export_wh: 0 }, restored, UNREPORTED_wh);
    else judge(told, metered, restored, 0);
    had = restored;
  }
  const asked = Math.floor((Number(to) - Number(from)) / Number(by)) + 1;
  return {
    ok: wrong === 0 && reached === asked,
    said:
      `${reached} of ${asked} cuts (${case_}): lost at most ${worst_wh.toFixed(2)} Wh, ` +
      `at least ${least_wh.toFixed(2)} Wh; ${wrong} beyond the bound`,
    figures: { cuts: reached, worst_wh, least_wh, wrong },
  };
}
