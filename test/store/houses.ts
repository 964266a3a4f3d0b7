// Seeded histories of a ledger, and a ledger as a value that may be compared with another whose pages lie differently.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openReader } from "../../host/adapters/store/house-reader.js";
import { openStore } from "../../host/adapters/store/house-store.js";
import type { LedgerEvent, Reading } from "../../host/ledger/events.js";
import type { Ledger } from "../../host/ledger/ledger.js";
import { kept } from "../../host/ledger/profile.js";
import { cumulativeFromWh, type MicroWattHours, Utc_ms } from "../../host/ledger/units.js";
import type { Store, StoreReader } from "../../host/ports/store.js";

export function freshDir(): string {
  return mkdtempSync(join(tmpdir(), "esme-test-"));
}

/** Opens a store that must open. */
export function opened(path: string): Store {
  const result = openStore(path);
  if (!result.ok) throw new Error(`${result.code}: ${result.reason}`);
  return result.store;
}

/** Opens a reader of one that must be there. */
export function reading(path: string): StoreReader {
  const result = openReader(path);
  if (!result.ok) throw new Error(result.reason);
  return result.reader;
}

/** What a ledger is worth, without how its profile is paged. */
export function worth({ profile, ...rest }: Ledger) {
  return { ...rest, kept: [...kept(profile)], dropped_wh: profile.dropped_wh };
}

export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const START = Date.parse("2026-06-01T00:00:00Z");

/** A lively history: readings at all distances, repeats, falls, boots, an exchange, ticks and clock steps. */
export function* history(seed: number, length: number): Generator<LedgerEvent> {
  const next = random(seed);
  const below = (n: number) => Math.floor(next() * n);
  const reactive = next() < 0.5;
  let at = START;
  let counters = [0, 0, 0, 0];
  let device = "board-1";
  let boot = 1;
  let base: Reading["base"] = null;
  for (let n = 0; n < length; n++) {
    const what = below(40);
    if (what === 0) {
      at += below(3_000_000);
      yield { kind: "tick", at: Utc_ms(at) };
    } else if (what === 1) {
      const by_ms = below(600_000) - 200_000;
      yield { kind: "clock", was: Utc_ms(at), at: Utc_ms(at + by_ms) };
      at += by_ms;
    } else {
      const gap_ms = [1000, 7000, 61_000, 400_000, 1_800_000, 2_400_000][below(6)] ?? 1000;
      if (what > 3) at += gap_ms;
      if (what === 4) {
        boot++;
        base = four(counters, reactive);
      }
      if (what === 5) device = `board-${below(9)}`;
      counters = counters.map((c, q) => c + (q >= 2 && !reactive ? 0 : below(gap_ms * 500)));
      const told = what === 6 ? [5, 5, 5, 5] : counters;
      const span = cumulativeFromWh(4_294_967.296);
      yield { kind: "reading", at: Utc_ms(at), counters: four(told, reactive), device, boot, base, span };
    }
  }
}

function four(counters: readonly number[], reactive: boolean): NonNullable<Reading["base"]> {
  const [a = 0, b = 0, c = 0, d = 0] = counters as MicroWattHours[];
  return reactive
    ? [a as MicroWattHours, b as MicroWattHours, c as MicroWattHours, d as MicroWattHours]
    : [a as MicroWattHours, b as MicroWattHours, null, null];
}
