// Stories of the supply that a person can audit: voltage averages, sag and swell, outages of one phase and of three.

import { describe, expect, test } from "vitest";
import { CODES, sentenceOf } from "../../host/ledger/codes.js";
import { entriesOf } from "../../host/ledger/log.js";
import type { EsmeState } from "../../host/ledger/state/state.js";
import { resetVoltageCounter } from "../../host/ledger/supply/average.js";
import { outage } from "../../host/ledger/supply/outage.js";
import { supplyClockSet } from "../../host/ledger/supply/supply.js";
import { Utc_ms } from "../../host/ledger/units.js";
import { june, utc } from "./helpers.js";
import {
  averages,
  fed,
  lived,
  measured,
  meter,
  polyphase,
  powerLog,
  type Supplied,
  tellings,
} from "./supply-helpers.js";

describe("an outage", () => {
  test("of 2 min 59 s is told as 0x8F35 with both its times, at the restoration", () => {
    const after = lived(
      meter(),
      `12:00:00  230
       12:10:00  0
       12:12:59  230`,
    );
    expect(tellings(after)).toEqual(["12:12:59 8F35 12:10:00 12:12:59"]);
    expect(powerLog(after)).toEqual(["12:10:00 8F57 0", "12:12:59 8F35 179"]);
  });

  test("of 3 min is told as 0x8F36 with both its times", () => {
    const after = lived(
      meter(),
      `12:00:00  230
       12:10:00  0
       12:13:00  230`,
    );
    expect(tellings(after)).toEqual(["12:13:00 8F36 12:10:00 12:13:00"]);
    expect(powerLog(after)).toEqual(["12:10:00 8F57 0", "12:13:00 8F36 180"]);
  });

  test("is long from 180,000 ms on, and 179,999 ms is short", () => {
    const lasting = (ms: number) => {
      const from = june("12:10:00");
      const three = [measured(june("12:00:00"), [230]), measured(from, [0]), measured(Utc_ms(from + ms), [230])];
      return fed(meter(), three).notices.map((notice) => (notice.kind === "alert" ? notice.code : null));
    };
    expect(lasting(179_999)).toEqual([0x8f35]);
    expect(lasting(180_000)).toEqual([0x8f36]);
  });

  test("begins below 23 V, a tenth of 230 V: 22.9 V is without voltage, 23 V is an extreme under-voltage", () => {
    const rows = (volts: string) =>
      lived(
        meter(),
        `12:00:00  230
         12:01:00  ${volts}
         12:03:00  230`,
      );
    expect(tellings(rows("22.9"))).toEqual(["12:03:00 8F35 12:01:00 12:03:00"]);
    expect(tellings(rows("23"))).toEqual(["12:01:02 802C", "12:02:00 8028"]);
  });

  test("is neither a sag nor an under-voltage, and does not lower the average", () => {
    const after = lived(
      meter(),
      `12:00:00  230
       12:10:00  0
       12:20:00  230
       12:30:00  230`,
    );
    expect(tellings(after)).toEqual(["12:20:00 8F36 12:10:00 12:20:00"]);
    expect(averages(after)).toEqual(["12:30:00 230.0"]);
  });

  test("is not told of a voltage that is unknown, or not measured for an hour, or that never was there", () => {
    const after = lived(
      meter(),
      `12:00:00  230
       12:10:00  ?
       12:20:00  230
       12:30:00  nothing
       13:30:00  230`,
    );
    expect(tellings(after)).toEqual([]);
    const never = lived(meter(polyphase), "12:00:00 230/0/0\n 12:10:00 230/0/0");
    expect([tellings(never), powerLog(never)]).toEqual([[], []]);
  });

  test("that is known only afterwards is told with the same alert and the same entries", () => {
    const before = lived(meter(), "12:00:00 230\n 12:10:00 230");
    const notices = [...before.notices];
    const told = outage(before.state, before.live, june("12:10:01"), june("12:13:01"), notices);
    const after = lived({ ...told, notices }, "12:13:01 230\n 12:14:00 230");
    expect(tellings(after)).toEqual(["12:13:01 8F36 12:10:01 12:13:01"]);
    expect(powerLog(after)).toEqual(["12:10:01 8F57 0", "12:13:01 8F36 180"]);
    expect(outage(before.state, before.live, june("12:10:01"), june("12:10:01"), [])).toEqual({
      state: before.state,
      live: before.live,
    });
  });

  test("in which the meter itself went dark is one outage, from the moment the voltage went", () => {
    const before = lived(meter(), "12:00:00 230\n 12:10:00 0\n 12:10:05 0");
    const notices = [...before.notices];
    const told = outage(before.state, before.live, june("12:10:06"), june("12:13:00"), notices);
    const after = lived({ ...told, notices }, "12:13:00 230\n 12:14:00 230");
    expect(tellings(after)).toEqual(["12:13:00 8F36 12:10:00 12:13:00"]);
    expect(powerLog(after)).toEqual(["12:10:00 8F57 0", "12:13:00 8F36 180"]);
  });

  test("during which the clock was set lasts as long as it lasted", () => {
    const before = lived(meter(), "12:00:00 230\n 12:10:00 0\n 12:11:00 0");
    const step = { kind: "clock", at: june("13:11:00"), was: june("12:11:00") } as const;
    const after = lived({ ...before, ...supplyClockSet(before.state, before.live, step) }, "13:11:01 0\n 13:12:59 230");
    expect(tellings(after)).toEqual(["13:12:59 8F35 13:10:00 13:12:59"]);
  });

  test("that a board remembers after the first measurement since leaves what is so now as it is", () => {
    const before = lived(meter(), "12:00:00 230\n 12:10:00 230\n 12:20:00 230");
    const notices = [...before.notices];
    const told = outage(before.state, before.live, june("12:11:00"), june("12:12:00"), notices);
    expect(told.live).toBe(before.live);
    expect(tellings({ ...told, notices })).toEqual(["12:12:00 8F35 12:11:00 12:12:00"]);
  });
});

describe("a phase of a three-phase meter", () => {
  test("without voltage while the others have it is told at once, and again when it is back", () => {
    const after = lived(
      meter(polyphase),
      `12:00:00  230/231/229
       12:10:00  230/0/229
       12:12:59  230/231/229
       12:20:00  0/231/229
       12:23:00  230/231/229
       12:30:00  230/231/0
       12:31:00  230/231/229`,
    );
    expect(tellings(after)).toEqual([
      "12:10:00 8F59",
      "12:12:59 8F39 12:10:00 12:12:59",
      "12:20:00 8F58",
      "12:23:00 8F38 12:20:00 12:23:00",
      "12:30:00 8F5A",
      "12:31:00 8F3B 12:30:00 12:31:00",
    ]);
    expect(powerLog(after)).toEqual([
      "12:10:00 8F59 0",
      "12:12:59 8F39 179",
      "12:20:00 8F58 0",
      "12:23:00 8F38 180",
      "12:30:00 8F5A 0",
      "12:31:00 8F3B 60",
    ]);
  });

  test("goes with the others: one outage of the supply, no phase is told by itself", () => {
    const after = lived(
      meter(polyphase),
      `12:00:00  230/231/229
       12:10:00  0/0/0
       12:11:00  230/231/229`,
    );
    expect(tellings(after)).toEqual(["12:11:00 8F35 12:10:00 12:11:00"]);
    expect(powerLog(after)).toEqual(["12:10:00 8F57 0", "12:11:00 8F35 60"]);
  });

  test("went before the others and stays away after them: each is told with its own times", () => {
    const after = lived(
      meter(polyphase),
      `12:00:00  230/231/229
       12:05:00  0/231/229
       12:10:00  0/0/0
       12:11:00  0/231/0
       12:12:00  0/231/229
       12:14:00  230/231/229`,
    );
    expect(tellings(after)).toEqual([
      "12:05:00 8F58",
      "12:11:00 8F35 12:10:00 12:11:00",
      "12:11:00 8F5A",
      "12:12:00 8F3B 12:10:00 12:12:00",
      "12:14:00 8F38 12:05:00 12:14:00",
    ]);
  });

  test("has averages, counters and alerts of its own", () => {
    const after = lived(
      meter(polyphase),
      `12:00:00  230/254/215
       13:00:00  230/230/230`,
    );
    expect([averages(after, 0), averages(after, 1), averages(after, 2)]).toEqual([
      ["12:30:00 230.0", "13:00:00 230.0"],
      ["12:30:00 254.0", "13:00:00 254.0"],
      ["12:30:00 215.0", "13:00:00 215.0"],
    ]);
    expect(tellings(after)).toEqual(["12:30:00 8004", "12:30:00 8009"]);
    expect(after.state.averageRMSOverVoltageCounter.value).toEqual([0, 1, 0]);
    expect(after.state.averageRMSUnderVoltageCounter.value).toEqual([0, 0, 1]);
  });
});

describe("the average voltage", () => {
  test("of a measurement period is the mean of its samples, stamped at the period's end; none, no entry", () => {
    const after = lived(
      meter(),
      `12:10:00  230
       12:20:00  236
       12:30:00  ?
       13:00:00  nothing
       14:00:00  240
       14:30:00  100`,
    );
    expect(averages(after)).toEqual(["12:30:00 233.0", "14:30:00 240.0"]);
  });

  test("is rounded once, half away from zero: 230.1 and 230.2 make 230.2", () => {
    const two = [
      measured(june("12:00:00"), [230.1]),
      measured(june("12:00:01"), [230.2]),
      measured(june("12:30:00"), [1]),
    ];
    expect(averages(fed(meter(), two))).toEqual(["12:30:00 230.2"]);
  });

  test("above its threshold is counted and told once, when it passes; below it again, the return is told", () => {
    const after = lived(
      meter(),
      `12:00:00  253
       12:30:00  253.1
       13:00:00  254
       13:30:00  253
       14:00:00  255
       14:30:00  216.1
       15:00:00  216.2
       15:30:00  216.2`,
    );
    expect(tellings(after)).toEqual([
      "13:00:00 8002",
      "14:00:00 8085",
      "14:30:00 8002",
      "15:00:00 8085",
      "15:00:00 8006",
      "15:30:00 8089",
    ]);
    expect(powerLog(after)).toEqual([
      "13:00:00 8002 2531",
      "14:00:00 8085 2530",
      "14:30:00 8002 2550",
      "15:00:00 8085 2161",
      "15:00:00 8006 2161",
      "15:30:00 8089 2162",
    ]);
    expect(after.state.averageRMSOverVoltageCounter.value).toEqual([2, 0, 0]);
    expect(after.state.averageRMSUnderVoltageCounter.value).toEqual([1, 0, 0]);
    expect(after.notices[0]).toMatchObject({
      text: "the average voltage passed above its over-voltage threshold: 253.1 V, the threshold is 253.0 V",
    });
  });

  test("counters are set to zero by a reset, of one phase or of all, and by nothing else", () => {
    const state: EsmeState = { ...meter().state, averageRMSOverVoltageCounter: { value: [3, 4, 5] } };
    const value = (after: EsmeState) => after.averageRMSOverVoltageCounter.value;
    expect(value(resetVoltageCounter(state, "averageRMSOverVoltageCounter", 2))).toEqual([3, 0, 5]);
    expect(value(resetVoltageCounter(state, "averageRMSOverVoltageCounter", null))).toEqual([0, 0, 0]);
    expect(value(resetVoltageCounter(state, "averageRMSUnderVoltageCounter", null))).toEqual([3, 4, 5]);
  });

  test("over a period of 5 hours ends at whole multiples of it, and at midnight", () => {
    const every = { averageRMSVoltageMeasurementPeriod: { value: 18_000 } };
    const events = Array.from({ length: 49 }, (_, i) =>
      measured(Utc_ms(utc("2026-06-01T00:00:00Z") + i * 1_800_000), [230]),
    );
    const stamps = averages(fed(meter(every), events)).map((line) => line.slice(0, 8));
    expect(stamps).toEqual(["05:00:00", "10:00:00", "15:00:00", "20:00:00", "00:00:00"]);
  });

  test("has no entry of a period that passed under an invalid clock", () => {
    const time = { ...meter().state.time, status: "invalid" } as const;
    expect(averages(lived(meter({ time }), "12:00:00 230\n 13:00:00 230"))).toEqual([]);
  });

  test("set back by an hour: the closed period stands, and measuring goes on at once", () => {
    const before = lived(meter(), "12:00:00 230\n 12:40:00 230");
    const step = { kind: "clock", at: june("11:40:00"), was: june("12:40:00") } as const;
    const back = supplyClockSet(before.state, before.live, step);
    const after = lived({ ...before, ...back }, "11:40:01 240\n 13:00:00 240");
    expect(averages(after)).toEqual(["12:30:00 230.0", "13:00:00 240.0"]);
  });

  test("set forward by an hour: the period closes with what it had", () => {
    const before = lived(meter(), "12:00:00 230\n 12:10:00 230");
    const step = { kind: "clock", at: june("13:10:00"), was: june("12:10:00") } as const;
    const ahead = supplyClockSet(before.state, before.live, step);
    const after = lived({ ...before, ...ahead }, "13:10:01 240\n 13:30:00 240");
    expect(averages(after)).toEqual(["12:30:00 230.0", "13:30:00 240.0"]);
  });

  test("log keeps 4,320 entries of each phase: the oldest goes first", () => {
    const start = utc("2026-01-01T00:00:00Z");
    const events = Array.from({ length: 4_332 }, (_, i) =>
      measured(Utc_ms(start + i * 1_800_000), [230 + (i % 7), 231, 229]),
    );
    const after = fed(meter(polyphase), events);
    for (const phase of [0, 1, 2] as const) {
      const log = after.state.averageRMSVoltageProfileDataLog[phase];
      expect([log.size, log.written, entriesOf(log).length]).toEqual([4_320, 4_331, 4_320]);
      expect(entriesOf(log)[0]?.timestamp).toBe(start + 12 * 1_800_000);
    }
    expect(entriesOf(after.state.averageRMSVoltageProfileDataLog[0])[0]?.value).toBe(2_300 + 40);
  });
});

describe("voltage quality", () => {
  test("a sag is told once when it has lasted 2 s, and its end with its duration when the voltage was back 2 s", () => {
    const after = lived(
      meter(),
      `12:00:00  230
       12:01:00  207
       12:02:00  206.9
       12:02:01  230
       12:03:00  206
       12:03:30  230
       12:03:31  205
       12:03:40  230
       12:04:00  230`,
    );
    expect(tellings(after)).toEqual(["12:03:02 802C", "12:03:42 8099"]);
    expect(powerLog(after)).toEqual(["12:03:02 802C 2060", "12:03:42 8099 40"]);
    expect(after.notices.map((notice) => (notice.kind === "alert" ? notice.text : ""))).toEqual([
      "the voltage stayed below the sag threshold: 206.0 V, threshold 207.0 V, for 2 s",
      "the voltage returned above the sag threshold: 230.0 V, threshold 207.0 V, after 40 s",
    ]);
  });

  test("a swell becomes an extreme over-voltage when it rises on; each has its own threshold and duration", () => {
    const after = lived(
      meter(),
      `12:00:00  230
       12:01:00  265
       12:02:00  277
       12:04:00  265
       12:06:00  230
       12:07:00  230`,
    );
    expect(powerLog(after)).toEqual([
      "12:01:02 8024 2650",
      "12:03:00 8020 2770",
      "12:05:00 808D 120",
      "12:06:02 8091 300",
    ]);
  });

  test("two measurements more than 60 s apart do not show that a condition lasted between them", () => {
    const apart = (seconds: number) =>
      tellings(
        fed(meter(), [
          measured(june("12:00:00"), [230]),
          measured(june("12:00:01"), [180]),
          measured(Utc_ms(june("12:00:01") + seconds * 1_000), [180]),
        ]),
      );
    expect(apart(60)).toEqual(["12:01:01 8028", "12:01:01 802C"]);
    expect(apart(61)).toEqual([]);
    const end = [
      measured(june("12:03:00"), [230]),
      measured(june("12:05:00"), [230]),
      measured(june("12:05:02"), [230]),
    ];
    const after = fed(lived(meter(), "12:00:00 206\n 12:02:59 206"), end);
    expect(powerLog(after)).toEqual(["12:00:02 802C 2060", "12:05:02 8099 300"]);
  });

  test("a sag that was told stands over an outage until a measurement shows its end", () => {
    const after = lived(
      meter(),
      `12:00:00  230
       12:01:00  200
       12:01:10  0
       12:01:40  200
       12:01:50  230
       12:02:00  230`,
    );
    expect(powerLog(after)).toEqual(["12:01:02 802C 2000", "12:01:10 8F57 0", "12:01:40 8F35 30", "12:01:52 8099 50"]);
  });

  test("of phases 1, 2 and 3 has the three codes after that of the whole", () => {
    const after = lived(
      meter(polyphase),
      `12:00:00  230/230/230
       12:01:00  200/270/200
       12:01:10  230/230/230
       12:02:00  230/230/230`,
    );
    expect(tellings(after)).toEqual([
      "12:01:02 8026",
      "12:01:02 802D",
      "12:01:02 802F",
      "12:01:12 8093",
      "12:01:12 809A",
      "12:01:12 809C",
    ]);
  });

  test("power event log keeps 100 entries: the oldest goes first", () => {
    const start = june("12:00:00");
    const events = Array.from({ length: 60 * 8 + 1 }, (_, i) =>
      measured(Utc_ms(start + i * 1_000), [i % 8 < 4 ? 200 : 230]),
    );
    const after: Supplied = fed(meter(), events);
    const { powerEventLog } = after.state;
    expect([powerEventLog.written, powerEventLog.size]).toEqual([120, 100]);
    expect(powerLog(after)[0]).toBe("12:01:22 802C 2000");
  });
});

describe("the codes", () => {
  test("that the reference messages' power event log holds all have a sentence", () => {
    const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
    const seen = [...range(0x8002, 0x8009), ...range(0x8020, 0x802f), ...range(0x8f35, 0x8f3c), 0x8f58];
    expect(seen).toHaveLength(33);
    expect(seen.filter((code) => sentenceOf(code) === null)).toEqual([]);
  });

  test("stand in the table once each", () => {
    const all = Object.values(CODES).flatMap((one) =>
      "eachPhase" in one ? [0, 1, 2, 3].map((phase) => one.code + phase) : [one.code],
    );
    expect(new Set(all).size).toBe(all.length);
    expect(sentenceOf(0x8f00)).toBeNull();
  });
});
