// A day of S0 pulses at 16 a second through the real johnny-five, firmata-io and serialport: none lost, none counted twice. The peer only
// speaks the protocol, as fast as it is listened to; the executed cases have a real StandardFirmata image, with bounces and spikes as well.

import type { TrainOptions } from "../../host/sim/firmata/trains.js";
import { bench, s0 } from "../panel/bench.js";
import { standardFirmata } from "../panel/standard-firmata.js";
import { casesAt, type Proof, type Verdict } from "./proof.js";

const PERIOD_ms = 62.5;
const PER_s = 1_000 / PERIOD_ms;
const DAY_s = 86_400;
/** After the last pulse: the report that holds it. */
const SETTLING_ms = 2_500;
/** A slow machine executes at half of real time. */
const PATIENCE = 2;

const EXECUTED = /^executed (\d+) s/;
const PEER: Readonly<Record<string, number>> = { "a minute": 60, "an hour": 3_600, "a day": DAY_s };
const CAMPAIGN = Array.from({ length: 60 }, (_, k) => `executed 60 s, part ${k + 1} of 60`);

export const proof: Proof = {
  name: "panel-day",
  claim: "johnny-five counts a day's S0 pulses at 16 a second without losing one",
  cases: (effort) => casesAt(effort, ["a minute", "executed 10 s"], ["an hour", "a day", "executed 60 s"], CAMPAIGN),
  run: (case_, seed) => {
    const executed_s = Number(EXECUTED.exec(case_)?.[1] ?? 0);
    if (executed_s === 0) return counted(null, PEER[case_] ?? 60, seed);
    const got = standardFirmata();
    if ("missing" in got) return Promise.resolve({ ok: true, said: `left out: ${got.missing}`, figures: {} });
    return counted(got.image, executed_s, seed + CAMPAIGN.indexOf(case_) + 1);
  },
};

async function counted(image: string | null, time_s: number, seed: number): Promise<Verdict> {
  const pulses = Math.round(time_s * PER_s);
  const clean: TrainOptions = { pin: 2, from_ms: 500, pulses, period_ms: PERIOD_ms, on_ms: 30, jitter_ms: 2, seed };
  const rough: TrainOptions = { ...clean, pin: 3, on_ms: 34, jitter_ms: 0, bounce_ms: 4, seed: seed + 1 };
  // Bounces for a whole day are 10 million edges and show nothing that those of an hour do not.
  const trains = time_s === DAY_s ? [clean] : [clean, rough];
  const desk = await bench({ image, pulses: trains.map(({ pin }) => s0(pin)) });
  try {
    await desk.until("the board", () => desk.told.every((told) => told.some(({ kind }) => kind === "found")));
    const began_ms = performance.now();
    for (const one of trains) await desk.board.pulses(one);
    const { time_ms } = await desk.until("the last pulse", ({ over }) => over, (60 + PATIENCE * time_s) * 1_000);
    await desk.until("the last report", (seen) => seen.time_ms > time_ms + SETTLING_ms);
    await desk
      .until("its arrival", () => trains.every((_, k) => desk.import_mwh(k) === pulses * 1_000))
      .catch(() => {});
    const took_s = (performance.now() - began_ms) / 1_000;
    const seen = trains.map((_, k) => (desk.import_mwh(k) ?? 0) / 1_000);
    const lost = desk.told.flat().filter(({ kind }) => kind === "lost").length;
    const ok = seen.every((count) => count === pulses) && lost === 0;
    return {
      ok,
      said:
        `${seen.join(" and ")} of ${pulses} pulses on ${trains.length} input(s) in ${took_s.toFixed(1)} s, ` +
        `${(time_ms / 1_000 / took_s).toFixed(0)} x real time; the board was lost ${lost} times`,
      figures: { pulses, counted: Math.min(...seen), took_s },
    };
  } finally {
    await desk.close();
  }
}
