// What the clock's status follows from, and the laws of readings that wait for a time: whatever is held, placed or abandoned, the books
// balance and the registers do not fall.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { EsmeEvent, Unplaced } from "../../host/ledger/events.js";
import { open_wh } from "../../host/ledger/ledger.js";
import { kept } from "../../host/ledger/profile.js";
import { esmeState } from "../../host/ledger/state/state.js";
import { type ClockSight, judgeClock } from "../../host/ledger/time/judge.js";
import { shownRegisters } from "../../host/ledger/time/unplaced.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { Board_ms, HALF_HOUR_ms, MicroWattHours, Utc_ms } from "../../host/ledger/units.js";
import { june, lines, reading, utc } from "./helpers.js";

const BUILT = utc("2026-05-01T00:00:00Z");
const system = (synchronised: boolean | null): ClockSight["master"] => ({ kind: "system", synchronised });
const hub = (by_s: number, ago_ms = 60_000): ClockSight["master"] => ({
  kind: "hub",
  heard: { at: june("11:00:00"), says: Utc_ms(june("11:00:00") + by_s * 1_000), ago_ms },
});
const UNHEARD: ClockSight["master"] = { kind: "hub", heard: null };

describe("the clock's status", () => {
  const cases: [string, ClockSight["master"], string, string | null, string][] = [
    ["1970, before the build", system(null), "1970-01-01T00:00:05Z", null, "invalid"],
    ["1970, though a time server is said to be followed", system(true), "1970-01-01T00:00:05Z", null, "invalid"],
    ["a millisecond before the build", system(true), "2026-04-30T23:59:59.999Z", null, "invalid"],
    ["the moment of the build", system(true), "2026-05-01T00:00:00Z", null, "reliable"],
    ["beyond the calendar", system(true), "2100-01-01T00:00:00Z", null, "invalid"],
    ["plausible, nobody can tell", system(null), "2026-06-01T12:00:00Z", "2026-06-01T11:59:00Z", "reliable"],
    ["plausible, no time server", system(false), "2026-06-01T12:00:00Z", "2026-06-01T11:59:00Z", "unreliable"],
    ["10 s before the last reading", system(true), "2026-06-01T12:00:00Z", "2026-06-01T12:00:10Z", "reliable"],
    ["11 s before the last reading", system(true), "2026-06-01T12:00:00Z", "2026-06-01T12:00:11Z", "unreliable"],
    ["11 s before it, unconfirmed", system(false), "2026-06-01T12:00:00Z", "2026-06-01T12:00:11Z", "invalid"],
    ["a hub not heard yet", UNHEARD, "2026-06-01T12:00:00Z", null, "unreliable"],
    ["a hub not heard yet, in 1970", UNHEARD, "1970-01-01T00:00:05Z", null, "invalid"],
    ["before the last reading, hub not heard", UNHEARD, "2026-06-01T12:00:00Z", "2026-06-01T13:00:00Z", "invalid"],
    ["a hub that agrees to 10 s", hub(-10), "2026-06-01T12:00:00Z", null, "reliable"],
    ["a hub 11 s away", hub(11), "2026-06-01T12:00:00Z", null, "unreliable"],
    ["a hub silent for 26 h", hub(0, 26 * 3_600_000), "2026-06-01T12:00:00Z", null, "unreliable"],
  ];
  for (const [name, master, now, booked, status] of cases)
    test(`is ${status}: ${name}`, () => {
      const sight = { now: utc(now), built: BUILT, booked: booked === null ? null : utc(booked), master };
      expect(judgeClock(sight).status).toBe(status);
    });
});

function unplaced(board_ms: number, import_uwh: number, more: Partial<Unplaced> = {}): Unplaced {
  const counters = [MicroWattHours(import_uwh), MicroWattHours(0), null, null] as const;
  const base = [MicroWattHours(0), MicroWattHours(0), null, null] as const;
  const held = { device: "d", boot: 1, counters, base, span: null };
  return { kind: "unplaced", board: Board_ms(board_ms), ...held, ...more };
}

function play(events: Iterable<EsmeEvent>, begin: Esme = newEsme(1)): Esme {
  let esme = begin;
  for (const event of events) esme = turnEsme(esme, event).esme;
  return esme;
}

/** In plain sums: what is shown minus everything that explains it, modulo 2^32. */
function unexplained(esme: Esme): number[] {
  const shown = shownRegisters(esme);
  return [0, 1, 2, 3].map((q) => {
    let sum = BigInt(shown.unallocated_wh[q] ?? 0) + BigInt(open_wh(esme.ledger)[q] ?? 0);
    sum += BigInt(esme.ledger.profile.dropped_wh[q] ?? 0);
    for (const entry of kept(esme.ledger.profile)) sum += BigInt(entry.wh[q] ?? 0);
    return Number((BigInt(shown.registers_wh[q] ?? 0) - sum) % 2n ** 32n);
  });
}

const INVALID: EsmeEvent = { kind: "judged", at: Utc_ms(5_000), status: "invalid", why: "1970" };
const VALID: EsmeEvent = { kind: "judged", at: june("12:00:00"), status: "reliable", why: "network" };

describe("readings that wait for a time", () => {
  test("a day of one-second readings is held as one a minute, the first and the newest always; its half hours are exact", () => {
    const zero = june("00:00:00");
    const held = play([INVALID, ...Array.from({ length: 86_401 }, (_, s) => unplaced(s * 1_000, s * 100_000))]);
    const rows = held.state.unplacedReadings.boots[0]?.rows ?? [];
    expect(rows.length).toBe(24 * 60 + 1);
    expect(rows.at(-1)?.[0]).toBe(86_400_000);
    expect(shownRegisters(held).registers_wh[0]).toBe(8_640);
    const placed = play([VALID, { kind: "placed", device: "d", boot: 1, zero, rate_ppb: 0 }], held);
    const entries = [...kept(placed.ledger.profile)];
    expect(entries.map((entry) => `${entry.wh[0]} ${entry.flags}`)).toEqual(Array(48).fill("180 "));
    expect(placed.state.unplacedReadings.boots).toEqual([]);
  });

  test("of a week no more than 1,500 are held, and what they add up to is not less", () => {
    const week = Array.from({ length: 7 * 24 * 60 + 1 }, (_, minute) => unplaced(minute * 60_000, minute * 5_000_000));
    const held = play([INVALID, ...week]);
    const { boots, spacing } = held.state.unplacedReadings;
    expect(boots[0]?.rows.length).toBeLessThanOrEqual(1_500);
    expect(spacing).toBe(480);
    expect(shownRegisters(held).registers_wh[0]).toBe(7 * 24 * 60 * 5);
    expect(unexplained(held)).toEqual([0, 0, 0, 0]);
  });

  test("one told twice, or late, is held once", () => {
    const held = play([INVALID, ...[0, 60_000, 60_000, 30_000, 200_000].map((at) => unplaced(at, at))]);
    expect(held.state.unplacedReadings.boots[0]?.rows.map((row) => row[0])).toEqual([0, 60_000, 200_000]);
  });

  test("of more than 100 boots the oldest goes", () => {
    const boots = Array.from({ length: 120 }, (_, boot) => unplaced(1_000, boot * 1_000_000, { boot, base: null }));
    expect(play([INVALID, ...boots]).state.unplacedReadings.boots.map((one) => one.boot)[0]).toBe(20);
  });

  test("a board whose seconds are long or short is placed by its measured rate", () => {
    const held = play([INVALID, unplaced(0, 0), unplaced(1_791_045, 1_000_000), unplaced(1_800_000, 2_000_000)]);
    const placed = play(
      [VALID, { kind: "placed", device: "d", boot: 1, zero: june("12:00:00"), rate_ppb: 5_000_000 }],
      held,
    );
    expect(placed.ledger.last?.at).toBe(june("12:30:09"));
    expect(lines(placed.ledger)).toEqual(["12:30 1/0"]);
  });

  test("a second boot is held apart, and a time told of the first places only that one", () => {
    const held = play([
      INVALID,
      unplaced(0, 0),
      unplaced(1_800_000, 10_000_000),
      unplaced(60_000, 12_000_000, { boot: 2, base: unplaced(0, 11_000_000).counters }),
    ]);
    const first = play([VALID, { kind: "placed", device: "d", boot: 1, zero: june("10:00:00"), rate_ppb: 0 }], held);
    expect(lines(first.ledger)).toEqual(["10:30 10/0"]);
    expect(first.state.unplacedReadings.boots.map((one) => one.boot)).toEqual([2]);
    expect(shownRegisters(first).registers_wh[0]).toBe(12);
    const both = play([{ kind: "placed", device: "d", boot: 2, zero: june("10:31:00"), rate_ppb: 0 }], first);
    expect(both.ledger.last?.at).toBe(june("10:32:00"));
    expect(both.state.unplacedReadings.boots).toEqual([]);
  });

  test("an ordinary reading ends the wait: what was held joins the gap before it", () => {
    const esme = play([
      reading(june("10:00:00"), 0),
      INVALID,
      unplaced(1_000, 500_000_000, { base: null }),
      VALID,
      reading(june("12:00:00"), 700),
    ]);
    expect(esme.state.unplacedReadings.boots).toEqual([]);
    expect(shownRegisters(esme).registers_wh[0]).toBe(700);
    expect(unexplained(esme)).toEqual([0, 0, 0, 0]);
  });

  test("a clock that had run ahead is set back to where the held readings are placed", () => {
    const esme = play([
      reading(utc("2027-01-01T00:00:00Z"), 0),
      INVALID,
      unplaced(60_000, 1_000_000, { base: null }),
      VALID,
      { kind: "placed", device: "d", boot: 1, zero: june("12:00:00"), rate_ppb: 0 },
      reading(june("12:30:00"), 5),
    ]);
    expect(shownRegisters(esme).registers_wh[0]).toBe(5);
    expect(esme.ledger.last?.at).toBe(june("12:30:00"));
    expect(unexplained(esme)).toEqual([0, 0, 0, 0]);
  });

  test("the other counts of a reading are held and placed with it", () => {
    const secondary = (uwh: number) => ({
      name: "secondary" as const,
      counters: unplaced(0, uwh).counters,
      base: null,
    });
    const held = play([
      INVALID,
      unplaced(0, 0, { beside: [secondary(0)] }),
      unplaced(1_800_000, 9_000_000, { beside: [secondary(4_000_000)] }),
    ]);
    const placed = play([VALID, { kind: "placed", device: "d", boot: 1, zero: june("10:00:00"), rate_ppb: 0 }], held);
    expect(placed.beside.map((one) => [one.name, one.ledger.cumulative[0]])).toEqual([["secondary", 4_000_000]]);
  });

  test("registers set meanwhile read so at once, and after the wait", () => {
    const set = (import_wh: number): EsmeEvent => {
      const deed = { kind: "set-registers", import_wh, export_wh: 0 } as const;
      return { kind: "command", at: june("10:10:00"), by: "operator", deed };
    };
    const begin = [reading(june("10:00:00"), 0), reading(june("10:10:00"), 1_000), set(999), INVALID];
    const held = play([...begin, unplaced(60_000, 1_100_000_000, { base: null })]);
    expect(shownRegisters(held).registers_wh[0]).toBe(1_099);
    expect(shownRegisters(held).unallocated_wh[0]).toBe(99);
    const put = play([set(5), unplaced(120_000, 1_103_000_000, { base: null })], held);
    expect(shownRegisters(put).registers_wh[0]).toBe(8);
    const placed = play([VALID, { kind: "placed", device: "d", boot: 1, zero: june("10:15:00"), rate_ppb: 0 }], put);
    expect(shownRegisters(placed).registers_wh[0]).toBe(8);
    expect(open_wh(placed.ledger)[0]).toBe(1_103);
    expect(unexplained(placed)).toEqual([0, 0, 0, 0]);
  });

  test("the supply that is measured meanwhile is shown, and neither averaged nor timed", () => {
    const voltages_dv = [2_400, null, null] as const;
    const measured = (at: Utc_ms, import_w: number): EsmeEvent => ({
      kind: "supply",
      at,
      voltages_dv,
      import_w,
      primary_w: import_w,
    });
    const before = play([measured(june("10:00:00"), 100), INVALID]);
    const after = play([measured(Utc_ms(6_000), 900)], before);
    expect(after.live.powerImportCollection).toMatchObject({ activePowerImport: 900, at: june("10:00:00") });
    expect(after.live.supplyAccount).toBe(before.live.supplyAccount);
    expect(after.state).toBe(before.state);
  });

  test("survive being written down: the section reads back as it was", () => {
    const held = play([reading(june("10:00:00"), 3), INVALID, unplaced(0, 0), unplaced(90_000, 2_000_000)]);
    const section = esmeState.unwrap().shape.unplacedReadings;
    const written = JSON.parse(JSON.stringify(section.encode(held.state.unplacedReadings)));
    expect(section.decode(written)).toEqual(held.state.unplacedReadings);
    const time = esmeState.unwrap().shape.time;
    expect(time.decode(JSON.parse(JSON.stringify(time.encode(held.state.time))))).toEqual(held.state.time);
  });
});

type Step =
  | { kind: "flow"; after_ms: number; uwh: number }
  | { kind: "step"; by_ms: number }
  | { kind: "invalid" }
  | { kind: "valid"; placed: boolean }
  | { kind: "reboot" }
  | { kind: "tick"; after_ms: number }
  | { kind: "master"; by_ms: number }
  | { kind: "set"; import_wh: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("flow" as const),
      after_ms: fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 60_000, max: 9_000_000 })),
      uwh: fc.nat(20_000_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("step" as const), by_ms: fc.integer({ min: -90_000, max: 90_000 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "invalid" as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("valid" as const), placed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reboot" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("tick" as const), after_ms: fc.nat(4_000_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("master" as const), by_ms: fc.integer({ min: -20_000, max: 20_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("set" as const),
      import_wh: fc.oneof(fc.nat(1_000), fc.nat(2 ** 32 - 1)),
    }),
  },
);

/** Plays steps as a host would that knows its device's time, and tells the events one by one. */
function* told(steps: readonly Step[]): Generator<{ event: EsmeEvent; set: number | null }> {
  let now = june("00:00:00") as number;
  let bootedAt = now;
  let boot = 1;
  let base = 5_000_000;
  let counter = base;
  let invalid = false;
  const counters = (uwh: number) => [MicroWattHours(uwh), MicroWattHours(0), null, null] as const;
  for (const s of steps) {
    const at = Utc_ms(now);
    if (s.kind === "flow") {
      now += s.after_ms;
      counter += Math.min(s.uwh, s.after_ms * 20_000);
      const event: EsmeEvent = invalid
        ? unplaced(now - bootedAt, counter, { boot, base: counters(base) })
        : { ...reading(Utc_ms(now), 0), counters: counters(counter), boot, base: counters(base) };
      yield { event, set: null };
    } else if (s.kind === "step") {
      yield { event: { kind: "clock", at: Utc_ms(now + s.by_ms), was: at }, set: null };
      if (invalid) continue;
      now += s.by_ms;
      bootedAt += s.by_ms;
    } else if (s.kind === "invalid") {
      invalid = true;
      yield { event: { kind: "judged", at, status: "invalid", why: "lost" }, set: null };
    } else if (s.kind === "valid") {
      if (invalid && s.placed)
        yield { event: { kind: "placed", device: "d", boot, zero: Utc_ms(bootedAt), rate_ppb: 0 }, set: null };
      invalid = false;
      yield { event: { kind: "judged", at, status: "reliable", why: "found" }, set: null };
    } else if (s.kind === "reboot") {
      boot++;
      now += 5_000;
      bootedAt = now;
      base = counter;
    } else if (s.kind === "tick") {
      now += s.after_ms;
      yield { event: { kind: "tick", at: Utc_ms(now) }, set: null };
    } else if (s.kind === "master") yield { event: { kind: "master", at, says: at }, set: null };
    else {
      const deed = { kind: "set-registers", import_wh: s.import_wh, export_wh: 7 } as const;
      yield { event: { kind: "command", at, by: "operator", deed }, set: s.import_wh };
    }
  }
}

describe("for any mix of readings, clock steps, lost and found times and set registers", () => {
  const histories = fc.array(step, { maxLength: 50 });

  test("the profile, the open half hour, the unallocated and the dropped sum to the register that is shown", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        let esme = newEsme(1);
        for (const { event } of told(steps)) {
          esme = turnEsme(esme, event).esme;
          expect(unexplained(esme)).toEqual([0, 0, 0, 0]);
          const accounts = [...esme.ledger.unallocated_wh, ...shownRegisters(esme).unallocated_wh];
          expect(accounts.every((wh) => wh >= 0 && wh < 2 ** 32)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("the registers that are shown never fall but by set-registers, which makes them read exactly so", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        let esme = newEsme(1);
        let before = 0;
        for (const { event, set } of told(steps)) {
          esme = turnEsme(esme, event).esme;
          const now = shownRegisters(esme).registers_wh[0];
          if (set !== null) expect(now).toBe(set);
          else expect((now - before + 2 ** 32) % 2 ** 32).toBeLessThan(2 ** 31);
          before = now;
        }
      }),
      { numRuns: 200 },
    );
  });

  test("under an Invalid clock no half hour is booked and none is closed", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        let esme = newEsme(1);
        for (const { event } of told(steps)) {
          const next = turnEsme(esme, event).esme;
          const both = esme.state.time.status === "invalid" && next.state.time.status === "invalid";
          if (both && event.kind !== "placed") expect(next.ledger.profile).toBe(esme.ledger.profile);
          esme = next;
        }
      }),
      { numRuns: 100 },
    );
  });

  test("half hours end in order, each once", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const esme = play([...told(steps)].map(({ event }) => event));
        let before = 0;
        for (const { end } of kept(esme.ledger.profile)) {
          expect(end > before && end % HALF_HOUR_ms === 0).toBe(true);
          before = end;
        }
      }),
      { numRuns: 100 },
    );
  });
});
