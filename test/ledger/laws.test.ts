// The ledger's laws, for any sequence of readings, ticks, clock steps, restarts, repeats, disorder and nonsense.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LedgerEvent, Reading } from "../../host/ledger/events.js";
import { newLedger, registers_wh } from "../../host/ledger/ledger.js";
import { kept } from "../../host/ledger/profile.js";
import { turn } from "../../host/ledger/turn.js";
import { HALF_HOUR_ms, MICRO, REGISTER_SPAN_uwh, Utc_ms } from "../../host/ledger/units.js";
import { feed, reading, unexplained_wh, utc } from "./helpers.js";

const START = utc("2026-06-01T00:00:00Z");

type Step =
  | { kind: "flow"; after_ms: number; import_uwh: number; export_uwh: number; reactive: boolean }
  | { kind: "tick"; after_ms: number }
  | { kind: "clock"; by_ms: number }
  | { kind: "repeat" }
  | { kind: "earlier"; by_ms: number }
  | { kind: "fall"; to_uwh: number }
  | { kind: "restart"; lost_uwh: number }
  | { kind: "exchange" };

const gap_ms = fc.oneof(
  fc.integer({ min: 1, max: 70_000 }),
  fc.constantFrom(1_000, 7_000, 61_000, 1_800_000, 1_801_000),
  fc.integer({ min: 70_000, max: 20_000_000 }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("flow" as const),
      after_ms: gap_ms,
      import_uwh: fc.nat(2_000_000_000),
      export_uwh: fc.nat(900_000_000),
      reactive: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("tick" as const), after_ms: gap_ms }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("clock" as const),
      by_ms: fc.integer({ min: -7_200_000, max: 7_200_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "repeat" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("earlier" as const), by_ms: fc.nat(4_000_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fall" as const), to_uwh: fc.nat(5_000_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), lost_uwh: fc.nat(20_000_000) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "exchange" as const }) },
);

/** Plays the steps as a device would: cumulative counters, its own boots. */
function play(steps: readonly Step[]): LedgerEvent[] {
  let now = START as number;
  let imported = 10_000_000_000;
  let exported = 0;
  let boot = 1;
  let device = "a";
  let base: Reading["base"] = null;
  let reactive = true;
  const events: LedgerEvent[] = [];
  const say = (at: number, counters = [imported, exported, reactive ? imported / 4 : null, reactive ? 0 : null]) => {
    const whole = counters.map((c) => (c === null ? null : Math.floor(c)));
    events.push({ ...reading(Utc_ms(at), 0), counters: whole as unknown as Reading["counters"], device, boot, base });
  };
  say(now);
  for (const s of steps) {
    if (s.kind === "flow") {
      now += s.after_ms;
      imported += s.import_uwh;
      exported += s.export_uwh;
      reactive = s.reactive;
      say(now);
    } else if (s.kind === "tick") {
      now += s.after_ms;
      events.push({ kind: "tick", at: Utc_ms(now) });
    } else if (s.kind === "clock") {
      events.push({ kind: "clock", at: Utc_ms(now + s.by_ms), was: Utc_ms(now) });
      now += s.by_ms;
    } else if (s.kind === "repeat") say(now);
    else if (s.kind === "earlier") say(now - s.by_ms);
    else if (s.kind === "fall") say(now + 1_000, [s.to_uwh, exported, null, null]);
    else if (s.kind === "restart") {
      boot++;
      imported = Math.max(0, imported - s.lost_uwh);
      base = [imported, exported, Math.floor(imported / 4), 0] as unknown as Reading["base"];
    } else {
      device = `${device}x`;
      imported = 77_000_000;
      base = null;
    }
  }
  return events;
}

const histories = fc.array(step, { maxLength: 60 }).map(play);
const runs = { numRuns: 400 };

describe("for any history", () => {
  test("the profile, the open half hour, the unallocated and the dropped sum to the register, exactly", () => {
    fc.assert(
      fc.property(histories, (events) => {
        let ledger = newLedger();
        for (const event of events) {
          ledger = turn(ledger, event).ledger;
          expect(unexplained_wh(ledger)).toEqual([0, 0, 0, 0]);
        }
      }),
      runs,
    );
  });

  test("registers never fall", () => {
    fc.assert(
      fc.property(histories, (events) => {
        let ledger = newLedger();
        for (const event of events) {
          const next = turn(ledger, event).ledger;
          for (const q of [0, 1, 2, 3] as const)
            expect(next.cumulative[q]).toBeGreaterThanOrEqual(ledger.cumulative[q]);
          ledger = next;
        }
      }),
      runs,
    );
  });

  test("half hours end on the half hour, in order, each once; their energy is never negative", () => {
    fc.assert(
      fc.property(histories, (events) => {
        let before = 0;
        for (const entry of kept(feed(newLedger(), events).ledger.profile)) {
          expect(entry.end % HALF_HOUR_ms).toBe(0);
          expect(entry.end).toBeGreaterThan(before);
          for (const wh of entry.wh) if (wh !== null) expect(wh).toBeGreaterThanOrEqual(0);
          before = entry.end;
        }
      }),
      runs,
    );
  });

  test("ticks in between change no register and no entry", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(gap_ms, fc.nat(30_000_000)), { maxLength: 40 }), (gaps) => {
        const bare: LedgerEvent[] = [];
        const ticked: LedgerEvent[] = [];
        let at = START as number;
        let wh = 0;
        for (const [after_ms, uwh] of gaps) {
          for (let t = at + 1; t < at + after_ms; t += 599_999) ticked.push({ kind: "tick", at: Utc_ms(t) });
          at += after_ms;
          wh += uwh / MICRO;
          bare.push(reading(Utc_ms(at), wh));
          ticked.push(reading(Utc_ms(at), wh));
        }
        const a = feed(newLedger(), bare).ledger;
        const b = feed(newLedger(), ticked).ledger;
        expect([...kept(b.profile)]).toEqual([...kept(a.profile)]);
        expect(registers_wh(b)).toEqual(registers_wh(a));
        expect(b.unallocated_wh).toEqual(a.unallocated_wh);
      }),
      runs,
    );
  });
});

test("a register wraps at 2^32 Wh and the law holds across it", () => {
  const near = { ...newLedger(), cumulative: [REGISTER_SPAN_uwh - 1_500_000, 0, 0, 0] as never };
  const events = [reading(START, 0), reading(Utc_ms(START + 1_000), 2.25), reading(Utc_ms(START + HALF_HOUR_ms), 4)];
  const { ledger } = feed(near, events);
  expect(registers_wh(ledger)[0]).toBe(2);
  expect([...kept(ledger.profile)][0]?.wh[0]).toBe(4);
});

test("every reading spacing of the issue, with gaps, repeats and disorder: a whole day, exact", () => {
  for (const spacing_s of [1, 7, 61, 1_801]) {
    const events: LedgerEvent[] = [];
    for (let s = 0, k = 0; s <= 86_400; s += spacing_s, k++) {
      if (k % 97 === 50 && spacing_s < 1_000) continue;
      const at = Utc_ms(START + s * 1_000);
      events.push(reading(at, s * 0.7, s * 0.011));
      if (k % 13 === 0) events.push(reading(at, s * 0.7, s * 0.011));
      if (k % 29 === 7) events.push(reading(Utc_ms(at - 5_000_000), 1, 1));
    }
    const { ledger } = feed(newLedger(), events);
    expect(unexplained_wh(ledger)).toEqual([0, 0, 0, 0]);
    const last_s = Math.floor(86_400 / spacing_s) * spacing_s;
    expect(registers_wh(ledger)[0]).toBe(Math.floor(last_s * 0.7 + 1e-9));
    expect([...kept(ledger.profile)].length).toBe(spacing_s === 1_801 ? 0 : Math.floor(last_s / 1_800));
    expect(ledger.ignored.repeated).toBeGreaterThan(0);
  }
});
