// The clocks of the program: the machine's own, and one that runs faster from an agreed moment, which a simulated board and a meter in
// two processes can share.

import { uptime } from "node:os";
import { Mono_ms, Utc_ms } from "../ledger/units.js";
import type { Clock } from "../ports/clock.js";
import { usedWrongly } from "./refusal.js";
import { time } from "./words.js";

/** How much the machine has slept, as far as this process's clock stood still meanwhile. */
let slept_ms = 0;
let upAhead_ms: number | null = null;
/** Shorter sleeps are not told from the coarseness of the system's uptime, whole seconds on some. */
const SLEEP_ms = 5_000;

/** This process's clock, sleep of the machine included: a suspended laptop's board went on counting. */
function monoAwake_ms(): number {
  const awake_ms = performance.now();
  const ahead_ms = uptime() * 1_000 - awake_ms;
  upAhead_ms ??= ahead_ms;
  if (ahead_ms - upAhead_ms - slept_ms > SLEEP_ms) slept_ms = ahead_ms - upAhead_ms;
  return awake_ms + slept_ms;
}

export const systemClock: Clock = {
  utc: () => Utc_ms(Date.now()),
  mono: () => Mono_ms(monoAwake_ms()),
  every: (period_ms, call) => ticking(period_ms, call),
};

/** At `anchorWall` (ms since 1970) it is `anchorUtc`; from there time runs `speed` times as fast. */
export interface ClockSpec {
  readonly anchorWall_ms: number;
  readonly anchorUtc_ms: number;
  readonly speed: number;
}

export function scaledClock(spec: ClockSpec): Clock {
  const utc = () => spec.anchorUtc_ms + (Date.now() - spec.anchorWall_ms) * spec.speed;
  return {
    utc: () => Utc_ms(Math.round(utc())),
    mono: () => Mono_ms(utc()),
    every: (period_ms, call) => ticking(Math.max(1, period_ms / spec.speed), call),
  };
}

/** "2026-06-01T11:59:00Z@1780000000000*60": that moment at that wall time, sixty times as fast. */
export function clockSpec(text: string): ClockSpec {
  const match = /^(.+)@(\d+)\*(\d+(?:\.\d+)?)$/.exec(text);
  if (match === null)
    return usedWrongly(
      `"${text}" is not a clock`,
      "write TIME@WALL_MS*SPEED, such as 2026-06-01T12:00:00Z@1780000000000*60",
    );
  return { anchorUtc_ms: time(match[1] ?? ""), anchorWall_ms: Number(match[2]), speed: Number(match[3]) };
}

function ticking(period_ms: number, call: () => void): () => void {
  const timer = setInterval(call, period_ms);
  return () => clearInterval(timer);
}
