// Whether a reading may be believed, and what flowed since the last one. A falling counter is classified, never silently rebased:
// held until two readings agree, then named wrap, restart, reset, exchange, jump or glitch.

import type { EventCode, Ignored, Notice, Reading } from "./events.js";
import type { Ledger } from "./ledger.js";
import type { Flag } from "./profile.js";
import type { Counters, Four } from "./quantities.js";
import { MICRO } from "./units.js";

export type Belief =
  | { readonly kind: "baseline"; readonly notice: Notice }
  | {
      readonly kind: "ignored";
      readonly why: keyof Ignored;
      readonly doubt: Reading | null;
      readonly notice: Notice | null;
    }
  | {
      readonly kind: "flow";
      readonly flow: Four<number>;
      readonly flags: readonly Flag[];
      readonly notice: Notice | null;
    }
  | { readonly kind: "rebase"; readonly base: Reading; readonly flow: Four<number>; readonly notice: Notice };

/** Reporting and clock jitter allowed for when asking what the fuse could have passed. */
const JITTER_ms = 60_000;
const NO_FLAGS: readonly Flag[] = [];
const COUNTER: readonly Flag[] = ["counter"];
const ZERO_FLOW: Four<number> = [0, 0, 0, 0];

export function believe(ledger: Ledger, now: Reading): Belief {
  const { last, doubt } = ledger;
  if (last === null) return { kind: "baseline", notice: note(now, "baseline", `counting begins at ${inWords(now)}`) };
  if (now.at < last.at) return ignored("earlier", doubt);
  if (now.at === last.at) return sameMoment(last, now, doubt);
  if (now.device !== last.device) {
    const text = `device ${now.device} took the place of ${last.device}; its counters begin at ${inWords(now)}`;
    return { kind: "flow", flow: ZERO_FLOW, flags: COUNTER, notice: note(now, "exchange", text) };
  }
  if (last.counters[2] !== null && now.counters[2] === null) return ignored("incomplete", doubt);

  if (now.boot !== last.boot && now.base !== null) {
    const flow = acrossRestart(last, now, now.base);
    const text = `the device booted again with ${inWords({ counters: now.base })}`;
    if (possible(flow, now.at - last.at, ledger.config.fuse_w))
      return { kind: "flow", flow, flags: COUNTER, notice: note(now, "restart", text) };
  } else {
    const flow = difference(last.counters, now.counters, now.span);
    if (possible(flow, now.at - last.at, ledger.config.fuse_w))
      return { kind: "flow", flow, flags: NO_FLAGS, notice: afterDoubt(last, doubt, now) ?? wrapOf(last, now) };
  }
  return contradiction(ledger, last, now);
}

/** The reading cannot follow the last one: held, unless it follows what is held already. */
function contradiction(ledger: Ledger, last: Reading, now: Reading): Belief {
  const { doubt } = ledger;
  const agrees = doubt !== null && now.at > doubt.at && now.device === doubt.device && now.boot === doubt.boot;
  if (!agrees) return ignored("doubted", now);
  const flow = difference(doubt.counters, now.counters, now.span);
  if (!possible(flow, now.at - doubt.at, ledger.config.fuse_w)) return ignored("doubted", now);
  const fell = doubt.counters[0] < last.counters[0] || doubt.counters[1] < last.counters[1];
  const nearZero = Math.max(doubt.counters[0], doubt.counters[1]) <= fuse_uwh(doubt.at - last.at, ledger.config.fuse_w);
  const code: EventCode = !fell ? "jump" : nearZero ? "reset" : "exchange";
  const text = `the counters went from ${inWords(last)} to ${inWords(doubt)}; counting goes on from there`;
  return { kind: "rebase", base: doubt, flow, notice: note(now, code, text) };
}

function sameMoment(last: Reading, now: Reading, doubt: Reading | null): Belief {
  const same = now.device === last.device && now.counters.every((value, q) => value === last.counters[q]);
  if (same) return ignored("repeated", doubt);
  const text = `one moment, two values: ${inWords(last)} and ${inWords(now)}`;
  return { kind: "ignored", why: "doubted", doubt: now, notice: note(now, "conflict", text) };
}

/** What flowed since the last booked reading when the device has booted in between: what this boot measured, and what it had
 * counted before the cut beyond what was booked. */
function acrossRestart(last: Reading, now: Reading, base: Counters): Four<number> {
  const sinceBoot = difference(base, now.counters, now.span);
  const beyond = difference(last.counters, base, now.span);
  const part = (q: 0 | 1 | 2 | 3) => sinceBoot[q] + (beyond[q] > 0 && beyond[q] < halfSpan(now) ? beyond[q] : 0);
  return [part(0), part(1), part(2), part(3)];
}

/** now - before for each quantity, over the span where there is one; negative where it fell; 0 where either is unknown. */
function difference(before: Counters, now: Counters, span: number | null): Four<number> {
  return [
    over(now[0] - before[0], span),
    over(now[1] - before[1], span),
    before[2] === null || now[2] === null ? 0 : over(now[2] - before[2], span),
    before[3] === null || now[3] === null ? 0 : over(now[3] - before[3], span),
  ];
}

function over(flowed_uwh: number, span_uwh: number | null): number {
  return flowed_uwh < 0 && span_uwh !== null ? flowed_uwh + span_uwh : flowed_uwh;
}

function possible(flow: Four<number>, elapsed_ms: number, fuse_w: number): boolean {
  const most = fuse_uwh(elapsed_ms, fuse_w);
  return (
    flow[0] >= 0 &&
    flow[0] <= most &&
    flow[1] >= 0 &&
    flow[1] <= most &&
    flow[2] >= 0 &&
    flow[2] <= most &&
    flow[3] >= 0 &&
    flow[3] <= most
  );
}

/** The most that a fuse passes in the time, µWh: W * ms / 3,600,000 Wh. */
function fuse_uwh(elapsed_ms: number, fuse_w: number): number {
  return (fuse_w * (elapsed_ms + JITTER_ms)) / 3.6;
}

function halfSpan(reading: Reading): number {
  return reading.span === null ? Number.POSITIVE_INFINITY : reading.span / 2;
}

/** A doubt that the next reading dispels is a glitch, told once; a conflict has been told already. */
function afterDoubt(last: Reading, doubt: Reading | null, now: Reading): Notice | null {
  if (doubt === null || doubt.at === last.at) return null;
  return note(now, "glitch", `the counters read ${inWords(doubt)} for a while, then went on from ${inWords(last)}`);
}

function wrapOf(last: Reading, now: Reading): Notice | null {
  if (now.span === null) return null;
  for (let q = 0; q < 4; q++) {
    const before = last.counters[q] ?? null;
    const after = now.counters[q] ?? null;
    if (before !== null && after !== null && after < before)
      return note(now, "wrap", `a counter passed its end of ${now.span / MICRO} Wh and began again`);
  }
  return null;
}

function ignored(why: keyof Ignored, doubt: Reading | null): Belief {
  return { kind: "ignored", why, doubt, notice: null };
}

function note(reading: Reading, code: EventCode, text: string): Notice {
  return { kind: "event", at: reading.at, code, text };
}

function inWords({ counters }: { readonly counters: Counters }): string {
  return `${counters[0] / MICRO} Wh import and ${counters[1] / MICRO} Wh export`;
}
