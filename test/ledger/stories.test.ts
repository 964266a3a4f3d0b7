// Stories that a person can audit: what happened on the left, what the meter wrote on the right.

import { describe, expect, test } from "vitest";
import { newLedger, open_wh, registers_wh } from "../../host/ledger/ledger.js";
import { kept } from "../../host/ledger/profile.js";
import { HALF_HOUR_ms, MicroWattHours, Utc_ms } from "../../host/ledger/units.js";
import { codes, feed, june, lines, metered, reading, unexplained_wh } from "./helpers.js";

describe("half hours", () => {
  test("are stamped at their end, and the first after start-up is partial", () => {
    const { ledger } = metered([
      reading(june("12:10:00"), 1_000),
      reading(june("12:30:00"), 1_250),
      reading(june("13:00:00"), 1_750),
      reading(june("13:00:30"), 1_758),
    ]);
    expect(lines(ledger)).toEqual(["12:30 250/0 partial", "13:00 500/0"]);
    expect(registers_wh(ledger)[0]).toBe(758);
    expect(open_wh(ledger)[0]).toBe(8);
  });

  test("share a reading that straddles the edge by time: to 60 s silently, to 1,800 s as an estimate", () => {
    const short = metered([reading(june("12:00:00"), 0), reading(june("12:29:40"), 90), reading(june("12:30:20"), 94)]);
    expect(lines(short.ledger)).toEqual(["12:30 92/0"]);
    const long = metered([reading(june("12:00:00"), 0), reading(june("12:25:00"), 90), reading(june("12:35:00"), 100)]);
    expect(lines(long.ledger)).toEqual(["12:30 95/0 estimated"]);
    expect(long.ledger.open?.flags).toEqual(["estimated"]);
  });

  test("wholly inside a gap have no entry; their energy is unallocated, and in the register", () => {
    const { ledger, notices } = metered([
      reading(june("12:00:00"), 0),
      reading(june("12:10:00"), 100),
      reading(june("14:10:00"), 2_100),
      reading(june("14:30:00"), 2_200),
    ]);
    expect(lines(ledger)).toEqual(["12:30 100/0 partial", "14:30 100/0 partial"]);
    expect(ledger.unallocated_wh[0]).toBe(2_000);
    expect(registers_wh(ledger)[0]).toBe(2_200);
    expect(codes(notices)).toEqual(["baseline", "gap"]);
  });

  test("remembered by the board come back exactly: readings at each edge are no gap", () => {
    const { ledger } = metered([
      reading(june("00:00:00"), 0),
      reading(june("00:10:00"), 10),
      reading(june("00:30:00"), 30),
      reading(june("01:00:00"), 60),
      reading(june("01:30:00"), 95),
      reading(june("01:40:00"), 101),
    ]);
    expect(lines(ledger)).toEqual(["00:30 30/0", "01:00 30/0", "01:30 35/0"]);
    expect(ledger.unallocated_wh[0]).toBe(0);
  });

  test("close by a tick when nothing can be added any more, not before", () => {
    const start = [reading(june("12:00:00"), 0), reading(june("12:20:00"), 100)];
    expect(lines(metered([...start, { kind: "tick", at: june("12:50:00") }]).ledger)).toEqual([]);
    const { ledger } = metered([...start, { kind: "tick", at: june("12:50:01") }]);
    expect(lines(ledger)).toEqual(["12:30 100/0 partial"]);
    const later = feed(ledger, [reading(june("12:55:00"), 130), reading(june("13:00:00"), 140)]);
    expect(lines(later.ledger)).toEqual(["12:30 100/0 partial", "13:00 10/0 partial"]);
    expect(later.ledger.unallocated_wh[0]).toBe(30);
  });
});

describe("a falling counter", () => {
  test("25,567.548 kWh, then 0, then 25,567.561: 13 Wh flowed, one event", () => {
    const { ledger, notices } = metered([
      reading(june("12:00:00"), 25_567_548),
      reading(june("12:00:10"), 0),
      reading(june("12:00:20"), 25_567_561),
      reading(june("12:00:30"), 25_567_562),
    ]);
    expect(registers_wh(ledger)[0]).toBe(14);
    expect(codes(notices)).toEqual(["baseline", "glitch"]);
  });

  test("that stays near zero is a reset; counting goes on from there, the half hour says so", () => {
    const { ledger, notices } = metered([
      reading(june("12:00:00"), 25_567_548),
      reading(june("12:00:10"), 1),
      reading(june("12:00:20"), 5),
      reading(june("12:30:00"), 105),
    ]);
    expect(registers_wh(ledger)[0]).toBe(104);
    expect(codes(notices)).toEqual(["baseline", "reset"]);
    expect(lines(ledger)).toEqual(["12:30 104/0 counter"]);
  });

  test("that goes on from elsewhere is an exchange, not a loss; a rise past the fuse is a jump, not energy", () => {
    const exchanged = metered([
      reading(june("12:00:00"), 25_567_548),
      reading(june("12:00:10"), 3_000),
      reading(june("12:00:20"), 3_004),
    ]);
    expect(codes(exchanged.notices)).toEqual(["baseline", "exchange"]);
    expect(registers_wh(exchanged.ledger)[0]).toBe(4);
    const jumped = metered([
      reading(june("12:00:00"), 100),
      reading(june("12:00:10"), 900_000),
      reading(june("12:00:20"), 900_003),
    ]);
    expect(codes(jumped.notices)).toEqual(["baseline", "jump"]);
    expect(registers_wh(jumped.ledger)[0]).toBe(3);
  });

  test("within its span is a wrap", () => {
    const span = MicroWattHours(2 ** 32 * 1_000);
    const { ledger, notices } = metered([
      reading(june("12:00:00"), 4_294_960, 0, { span }),
      reading(june("12:00:10"), 4, 0, { span }),
    ]);
    expect(registers_wh(ledger)[0]).toBe(11);
    expect(codes(notices)).toEqual(["baseline", "wrap"]);
  });

  test("one moment with two values is held and told; the same twice is only counted; an earlier one too", () => {
    const { ledger, notices } = metered([
      reading(june("12:00:00"), 100),
      reading(june("12:00:10"), 110),
      reading(june("12:00:10"), 110),
      reading(june("12:00:10"), 111),
      reading(june("12:00:05"), 105),
      reading(june("12:00:20"), 120),
    ]);
    expect(registers_wh(ledger)[0]).toBe(20);
    expect(codes(notices)).toEqual(["baseline", "conflict"]);
    expect(ledger.ignored).toEqual({ repeated: 1, earlier: 1, incomplete: 0, doubted: 1 });
  });
});

describe("a board that boots again", () => {
  const boot = (n: number, base_wh: number) => ({
    boot: n,
    base: [MicroWattHours(base_wh * 1e6), MicroWattHours(0), null, null] as const,
  });

  test("below what was booked: only what it measured since counts", () => {
    const { ledger, notices } = metered([
      reading(june("12:00:00"), 0, 0, boot(1, 0)),
      reading(june("12:10:00"), 100, 0, boot(1, 0)),
      reading(june("12:10:20"), 85, 0, boot(2, 84)),
      reading(june("12:30:00"), 185, 0, boot(2, 84)),
    ]);
    expect(registers_wh(ledger)[0]).toBe(201);
    expect(codes(notices)).toEqual(["baseline", "restart"]);
    expect(lines(ledger)).toEqual(["12:30 201/0 counter"]);
  });

  test("above what was booked: what it counted while nobody listened counts too", () => {
    const { ledger } = metered([
      reading(june("12:00:00"), 100, 0, boot(1, 100)),
      reading(june("12:20:00"), 151, 0, boot(2, 145)),
    ]);
    expect(registers_wh(ledger)[0]).toBe(51);
  });
});

describe("the clock", () => {
  const hour = [reading(june("12:00:00"), 0), reading(june("12:29:55"), 60), reading(june("12:30:03"), 60)];

  test("set back over an edge: the closed entry stands, energy goes to the open half hour", () => {
    const { ledger } = metered([
      ...hour,
      { kind: "clock", at: june("12:29:52"), was: june("12:30:03") },
      reading(june("12:29:58"), 63),
      reading(june("12:30:10"), 65),
      reading(june("13:00:00"), 100),
    ]);
    expect(lines(ledger)).toEqual(["12:30 60/0", "13:00 40/0 clock"]);
    expect(unexplained_wh(ledger)).toEqual([0, 0, 0, 0]);
  });

  test("set forward over an edge: what was seen is written and flagged", () => {
    const { ledger } = metered([
      reading(june("12:00:00"), 0),
      reading(june("12:20:00"), 40),
      { kind: "clock", at: june("13:20:00"), was: june("12:20:00") },
      reading(june("13:30:00"), 60),
    ]);
    expect(lines(ledger)).toEqual(["12:30 40/0 clock", "13:30 20/0 partial clock"]);
  });
});

describe("a clock set back, then a long silence", () => {
  test("books into the half hour that is open, and writes no end twice", () => {
    const { ledger } = metered([
      reading(june("12:00:00"), 0),
      reading(june("12:29:50"), 60),
      reading(june("12:30:00"), 61),
      reading(june("12:40:00"), 80),
      { kind: "clock", at: june("11:40:00"), was: june("12:40:00") },
      reading(june("12:20:00"), 160),
      reading(june("12:50:00"), 220),
      reading(june("13:00:00"), 240),
    ]);
    expect(lines(ledger)).toEqual(["12:30 61/0", "13:00 179/0 clock"]);
    expect(unexplained_wh(ledger)).toEqual([0, 0, 0, 0]);
  });
});

describe("a source with a memory of 12 h that is silent for longer", () => {
  test("still has a place for each half hour that it can tell", () => {
    const patient = newLedger({ fuse_w: 75_900, patience_ms: 12 * 3_600_000 });
    const silent = feed(patient, [
      reading(june("00:00:00"), 0),
      ...Array.from({ length: 13 * 60 }, (_, minute) => ({
        kind: "tick" as const,
        at: Utc_ms(june("00:00:10") + minute * 60_000),
      })),
    ]).ledger;
    const told = Array.from({ length: 25 }, (_, k) =>
      reading(Utc_ms(june("00:30:00") + (k + 1) * HALF_HOUR_ms), (k + 1) * 100),
    );
    const { ledger } = feed(silent, told);
    expect(
      [...kept(ledger.profile)].filter((entry) => entry.wh[0] === 100 && entry.flags.length === 0).length,
    ).toBeGreaterThan(22);
    expect(unexplained_wh(ledger)).toEqual([0, 0, 0, 0]);
  });
});

describe("the logs end where a SMETS2 meter's do", () => {
  test("13 months and one half hour: the oldest goes and `dropped` accounts for it", () => {
    function* halfHours() {
      for (let k = 0; k <= 19_057; k++) {
        const counters = [k * 7e6, k * 3e6, k * 2e6, k * 1e6].map(MicroWattHours) as never;
        yield { ...reading(Utc_ms(june("00:00:00") + k * HALF_HOUR_ms), 0), counters };
      }
    }
    const { ledger } = feed(newLedger(), halfHours());
    const entries = [...kept(ledger.profile)];
    expect(entries.length).toBe(19_056);
    expect(ledger.profile.dropped_wh).toEqual([7, (19_057 - 4_464) * 3, (19_057 - 4_464) * 2, 19_057 - 4_464]);
    expect(entries.filter((entry) => entry.wh[1] !== null).length).toBe(4_464);
    expect(unexplained_wh(ledger)).toEqual([0, 0, 0, 0]);
  });
});
