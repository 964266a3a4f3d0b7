// The clock in stories that a person can audit: what happened line by line, and what the meter wrote. Times without a date are of 1 June
// 2026, UTC; "board" is the time since the device's boot.

import { describe, expect, test } from "vitest";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { EsmeEvent, Notice } from "../../host/ledger/events.js";
import { entriesOf } from "../../host/ledger/log.js";
import { shownRegisters } from "../../host/ledger/time/unplaced.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { Board_ms, cumulativeFromWh, MicroWattHours, rfc3339, type Utc_ms } from "../../host/ledger/units.js";
import { lines, reading, unexplained_wh, utc } from "./helpers.js";

const T = "((?:\\d{4}-\\d\\d-\\d\\dT)?\\d\\d:\\d\\d:\\d\\d)";
const WH = "([\\d.]+)";

function when(text: string): Utc_ms {
  return utc(text.includes("T") ? `${text}Z` : `2026-06-01T${text}Z`);
}

function board(text: string): Board_ms {
  const [h, m, s] = text.split(":").map(Number) as [number, number, number];
  return Board_ms(((h * 60 + m) * 60 + s) * 1_000);
}

/** The sentences that a story is told in. */
const SENTENCES: readonly (readonly [RegExp, (words: string[]) => EsmeEvent])[] = [
  [new RegExp(`^${T} the device reads ${WH} Wh$`), ([at, wh]) => reading(when(at ?? ""), Number(wh))],
  [
    new RegExp(`^board ${T} of boot (\\d+), which began at ${WH} Wh: the device reads ${WH} Wh$`),
    ([at, boot, base, wh]) => ({
      kind: "unplaced",
      board: board(at ?? ""),
      device: "d",
      boot: Number(boot),
      counters: [cumulativeFromWh(Number(wh)), MicroWattHours(0), null, null],
      base: [cumulativeFromWh(Number(base)), MicroWattHours(0), null, null],
      span: null,
    }),
  ],
  [
    new RegExp(`^board 00:00:00 of boot (\\d+) was ${T}$`),
    ([boot, zero]) => ({ kind: "placed", device: "d", boot: Number(boot), zero: when(zero ?? ""), rate_ppb: 0 }),
  ],
  [
    new RegExp(`^${T} the clock is set to ${T}$`),
    ([was, at]) => ({ kind: "clock", at: when(at ?? ""), was: when(was ?? "") }),
  ],
  [new RegExp(`^${T} nothing is heard$`), ([at]) => ({ kind: "tick", at: when(at ?? "") })],
  [
    new RegExp(`^${T} the clock is judged (\\w+)$`),
    ([at, status]) => ({ kind: "judged", at: when(at ?? ""), status: status as "reliable", why: "so it was told" }),
  ],
  [
    new RegExp(`^${T} the hub says ${T}$`),
    ([at, says]) => ({ kind: "master", at: when(at ?? ""), says: when(says ?? "") }),
  ],
  [
    new RegExp(`^${T} the hub is the clock's master$`),
    ([at]) => ({ kind: "command", at: when(at ?? ""), by: "operator", deed: { kind: "clock-master", master: "hub" } }),
  ],
  [
    new RegExp(`^${T} the clock shall be set between ${T} and ${T}$`),
    ([at, from, to]) => ({
      kind: "command",
      at: when(at ?? ""),
      by: "supplier",
      deed: {
        kind: "set-clock",
        presetTime: when(from ?? ""),
        timeRangeStart: when(from ?? ""),
        timeRangeEnd: when(to ?? ""),
      },
    }),
  ],
];

function heard(line: string): EsmeEvent {
  for (const [pattern, event] of SENTENCES) {
    const match = pattern.exec(line);
    if (match !== null) return event(match.slice(1));
  }
  throw new Error(`no sentence of a story: ${line}`);
}

function trimmed(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
}

/** Plays a story; what the meter wrote, as text. Every step keeps the law of conservation. */
function tell(story: string, begin: Esme = newEsme(1)): { esme: Esme; wrote: string } {
  let esme = begin;
  const notices: Notice[] = [];
  const refusals: string[] = [];
  for (const line of trimmed(story).split("\n")) {
    const turned = turnEsme(esme, heard(line));
    esme = turned.esme;
    notices.push(...turned.notices);
    if (turned.disobeyed !== null) refusals.push(`refused: ${turned.disobeyed.code}`);
    expect(unexplained_wh(esme.ledger)).toEqual([0, 0, 0, 0]);
  }
  const shown = shownRegisters(esme);
  const hex = (code: number) => `0x${code.toString(16).toUpperCase().padStart(4, "0")}`;
  const at = (ms: number) => rfc3339(ms).replace("2026-06-01T", "").replace("Z", "");
  const wrote = [
    ...lines(esme.ledger),
    `register ${shown.registers_wh[0]}, unallocated ${shown.unallocated_wh[0]}`,
    `clock ${esme.state.time.status}`,
    ...entriesOf(esme.state.eventLog).map((e) => `log ${at(e.timestamp)} ${hex(e.logCode)} ${e.text}`),
    ...entriesOf(esme.state.securityLog).map((e) => `security ${at(e.timestamp)} ${hex(e.logCode)}`),
    ...notices.flatMap((n) => (n.kind === "alert" ? [`alert ${hex(n.code)}`] : [])),
    ...refusals,
  ].join("\n");
  return { esme, wrote };
}

function expectStory(story: string, wrote: string): void {
  expect(tell(story).wrote).toBe(trimmed(wrote));
}

describe("the clock is moved by its own master", () => {
  test("a clock set back 9 s is an adjustment: no flag, Reliable, 0x8145 in the event log", () =>
    expectStory(
      `12:00:00 the device reads 0 Wh
       12:20:00 the device reads 200 Wh
       12:20:00 the clock is set to 12:19:51
       12:30:00 the device reads 300 Wh`,
      `12:30 300/0
       register 300, unallocated 0
       clock reliable
       log 12:19:51 0x8145 adjusted by -9000 ms`,
    ));

  test("a clock set back 11 s flags the half hour and is Unreliable until it is judged again", () => {
    const story = `12:00:00 the device reads 0 Wh
       12:20:00 the device reads 200 Wh
       12:20:00 the clock is set to 12:19:49
       12:30:00 the device reads 300 Wh`;
    const wrote = `12:30 300/0 clock
       register 300, unallocated 0
       clock unreliable
       log 12:19:49 0x0001 the clock was set by -11000 ms`;
    expectStory(story, wrote);
    expectStory(
      `${story}
       12:30:01 the clock is judged reliable`,
      `${wrote.replace("unreliable", "reliable")}
       log 12:30:01 0x0002 unreliable to reliable: so it was told`,
    );
  });

  test("a clock set forward 9 s is an adjustment, and one set forward 11 s is not", () => {
    expectStory(
      `12:00:00 the device reads 0 Wh
       12:20:00 the device reads 200 Wh
       12:20:00 the clock is set to 12:20:09
       12:30:00 the device reads 300 Wh`,
      `12:30 300/0
       register 300, unallocated 0
       clock reliable
       log 12:20:09 0x8145 adjusted by 9000 ms`,
    );
    expectStory(
      `12:00:00 the device reads 0 Wh
       12:20:00 the device reads 200 Wh
       12:20:00 the clock is set to 12:20:11
       12:30:00 the device reads 300 Wh`,
      `12:30 300/0 clock
       register 300, unallocated 0
       clock unreliable
       log 12:20:11 0x0001 the clock was set by 11000 ms`,
    );
  });

  test("9 s back over a half-hour edge: the closed entry stands, the open one takes the energy and is flagged", () =>
    expectStory(
      `12:00:00 the device reads 0 Wh
       12:29:58 the device reads 299 Wh
       12:30:00 the device reads 300 Wh
       12:30:04 the device reads 301 Wh
       12:30:04 the clock is set to 12:29:55
       12:30:00 the device reads 303 Wh
       13:00:00 the device reads 600 Wh`,
      `12:30 300/0
       13:00 300/0 clock
       register 600, unallocated 0
       clock reliable
       log 12:29:55 0x8145 adjusted by -9000 ms`,
    ));

  test("11 s forward over a half-hour edge: what was seen is written, both half hours are flagged", () =>
    expectStory(
      `12:00:00 the device reads 0 Wh
       12:29:55 the device reads 299 Wh
       12:29:55 the clock is set to 12:30:06
       13:00:00 the device reads 600 Wh`,
      `12:30 299/0 clock
       13:00 301/0 partial clock
       register 600, unallocated 0
       clock unreliable
       log 12:30:06 0x0001 the clock was set by 11000 ms`,
    ));

  test("9 s forward over a half-hour edge is an adjustment, and yet both half hours are flagged: neither was whole", () =>
    expectStory(
      `12:00:00 the device reads 0 Wh
       12:29:55 the device reads 299 Wh
       12:29:55 the clock is set to 12:30:04
       13:00:00 the device reads 600 Wh`,
      `12:30 299/0 clock
       13:00 301/0 partial clock
       register 600, unallocated 0
       clock reliable
       log 12:30:04 0x8145 adjusted by 9000 ms`,
    ));

  test("11 s back over a half-hour edge: the closed entry stands, no end is written twice", () =>
    expectStory(
      `12:00:00 the device reads 0 Wh
       12:30:00 the device reads 300 Wh
       12:30:05 the device reads 301 Wh
       12:30:05 the clock is set to 12:29:54
       12:30:00 the device reads 302 Wh
       13:00:00 the device reads 602 Wh`,
      `12:30 300/0
       13:00 302/0 clock
       register 602, unallocated 0
       clock unreliable
       log 12:29:54 0x0001 the clock was set by -11000 ms`,
    ));

  test("a leap second repeats a second: an adjustment of 1 s, nothing counted twice", () =>
    expectStory(
      `2026-06-30T23:30:00 the device reads 0 Wh
       2026-06-30T23:59:59 the device reads 1799 Wh
       2026-07-01T00:00:00 the device reads 1800 Wh
       2026-07-01T00:00:00 the clock is set to 2026-06-30T23:59:59
       2026-07-01T00:00:00 the device reads 1801 Wh
       2026-07-01T00:30:00 the device reads 3601 Wh`,
      `00:00 1800/0
       00:30 1801/0 clock
       register 3601, unallocated 0
       clock reliable
       log 2026-06-30T23:59:59 0x8145 adjusted by -1000 ms`,
    ));

  test("a host that slept three hours tells no step: without a memory the night is unallocated, with one it is known", () => {
    expectStory(
      `00:00:00 the device reads 0 Wh
       00:30:00 the device reads 300 Wh
       00:40:00 the device reads 400 Wh
       03:40:00 the device reads 2200 Wh
       04:00:00 the device reads 2400 Wh`,
      `00:30 300/0
       01:00 100/0 partial
       04:00 200/0 partial
       register 2400, unallocated 1800
       clock reliable`,
    );
    expectStory(
      `00:00:00 the device reads 0 Wh
       00:30:00 the device reads 300 Wh
       00:40:00 the device reads 400 Wh
       01:00:00 the device reads 600 Wh
       01:30:00 the device reads 900 Wh
       02:00:00 the device reads 1200 Wh`,
      `00:30 300/0
       01:00 300/0
       01:30 300/0
       02:00 300/0
       register 1200, unallocated 0
       clock reliable`,
    );
  });
});

describe("a computer without a clock of its own believes that it is 1970", () => {
  const asleep = `
    12:00:00 the device reads 1000 Wh
    12:10:00 the device reads 1100 Wh
    1970-01-01T00:00:20 the clock is judged invalid
    board 02:00:00 of boot 1, which began at 900 Wh: the device reads 1200 Wh
    board 02:10:00 of boot 1, which began at 900 Wh: the device reads 1300 Wh
    board 02:40:00 of boot 1, which began at 900 Wh: the device reads 1600 Wh
    board 03:00:00 of boot 1, which began at 900 Wh: the device reads 1800 Wh`;

  test("under an Invalid clock no half hour is booked; the register shows what flowed, unallocated", () => {
    const wrote = `register 800, unallocated 700
      clock invalid
      log 1970-01-01T00:00:20 0x0002 reliable to invalid: so it was told`;
    expectStory(asleep, wrote);
    expectStory(
      `${asleep}
       1970-01-01T05:00:00 nothing is heard
       1970-01-01T05:00:00 the clock is set to 2026-06-01T13:20:05`,
      wrote,
    );
  });

  test("once the network told the time, board time places every half hour as if the clock had been right", () =>
    expectStory(
      `${asleep}
       1970-01-01T01:00:40 the clock is set to 2026-06-01T13:20:05
       13:20:05 the clock is judged reliable
       board 00:00:00 of boot 1 was 10:20:00
       13:30:00 the device reads 1900 Wh`,
      `12:30 300/0
       13:00 300/0
       13:30 300/0
       register 900, unallocated 0
       clock reliable
       log 1970-01-01T00:00:20 0x0002 reliable to invalid: so it was told
       log 13:20:05 0x0002 invalid to reliable: so it was told`,
    ));

  test("the first reading of all may be held too: counting began there", () =>
    expectStory(
      `1970-01-01T00:00:20 the clock is judged invalid
       board 00:10:00 of boot 1, which began at 0 Wh: the device reads 50 Wh
       board 00:20:00 of boot 1, which began at 0 Wh: the device reads 150 Wh
       board 00:30:00 of boot 1, which began at 0 Wh: the device reads 250 Wh
       12:30:00 the clock is judged reliable
       board 00:00:00 of boot 1 was 12:00:00
       13:00:00 the device reads 550 Wh`,
      `12:30 200/0 partial
       13:00 300/0
       register 500, unallocated 0
       clock reliable
       log 1970-01-01T00:00:20 0x0002 reliable to invalid: so it was told
       log 12:30:00 0x0002 invalid to reliable: so it was told`,
    ));

  test("a boot that ended before the time was known is never placed: its flow ends in a gap, unallocated, and is told", () =>
    expectStory(
      `10:00:00 the device reads 1000 Wh
       10:10:00 the device reads 1100 Wh
       1970-01-01T00:00:20 the clock is judged invalid
       board 00:10:00 of boot 2, which began at 1100 Wh: the device reads 1200 Wh
       board 00:50:00 of boot 2, which began at 1100 Wh: the device reads 1500 Wh
       board 00:00:10 of boot 3, which began at 1500 Wh: the device reads 1502 Wh
       board 00:30:00 of boot 3, which began at 1500 Wh: the device reads 1800 Wh
       12:31:00 the clock is judged reliable
       board 00:00:00 of boot 3 was 12:00:00
       13:00:00 the device reads 2100 Wh`,
      `10:30 100/0 partial counter
       12:30 300/0 counter
       13:00 300/0
       register 1100, unallocated 400
       clock reliable
       log 1970-01-01T00:00:20 0x0002 reliable to invalid: so it was told
       log 12:31:00 0x0002 invalid to reliable: so it was told
       log 12:00:00 0x0003 what boot 2 of d read under an Invalid clock can no longer be placed`,
    ));

  test("a reading that claims a time while the clock is Invalid is not booked, and counted", () => {
    const { esme } = tell(`12:00:00 the device reads 0 Wh
      1970-01-01T00:00:20 the clock is judged invalid
      1970-01-01T00:00:30 the device reads 10 Wh`);
    expect(shownRegisters(esme).registers_wh[0]).toBe(0);
    expect(esme.state.unplacedReadings.refused).toBe(1);
  });
});

describe("the clock follows a hub", () => {
  const begin = `12:00:00 the hub is the clock's master
    12:00:00 the device reads 0 Wh
    12:00:10 the clock is judged reliable
    12:10:00 the device reads 100 Wh`;
  const log = `log 12:00:10 0x0002 unreliable to reliable: so it was told`;

  test("a new master leaves the clock Unreliable until it has been judged by it", () =>
    expectStory(
      "12:00:00 the hub is the clock's master",
      `register 0, unallocated 0
       clock unreliable
       security 12:00:00 0x8154`,
    ));

  test("to 10 s away the meter adjusts its clock, 0x8145", () => {
    expectStory(
      `${begin}
       12:10:00 the hub says 12:10:09
       12:30:00 the device reads 300 Wh`,
      `12:30 300/0
       register 300, unallocated 0
       clock reliable
       ${log}
       log 12:10:09 0x8145 adjusted by 9000 ms
       security 12:00:00 0x8154`,
    );
  });

  test("further away it does not: alert 0x8F0C, once, and the clock is Unreliable", () =>
    expectStory(
      `${begin}
       12:10:00 the hub says 12:10:11
       12:11:00 the hub says 12:11:11
       12:30:00 the device reads 300 Wh`,
      `12:30 300/0
       register 300, unallocated 0
       clock unreliable
       ${log}
       log 12:10:00 0x8F0C clock not adjusted: its master is 11000 ms away
       security 12:00:00 0x8154
       alert 0x8F0C`,
    ));

  test("set-clock with the hub's time in its window sets the clock however far it is away", () =>
    expectStory(
      `${begin}
       12:10:00 the clock shall be set between 12:14:00 and 12:16:00
       12:10:00 the hub says 12:15:00
       12:30:00 the device reads 250 Wh`,
      `12:30 250/0 clock
       register 250, unallocated 0
       clock reliable
       ${log}
       log 12:15:00 0x0001 set by 300000 ms
       security 12:00:00 0x8154
       security 12:10:00 0x8154`,
    ));

  test("set-clock with the hub's time outside its window adjusts nothing: 0x81C6, and 0x8F0C where it is 10 s away", () => {
    expectStory(
      `${begin}
       12:10:00 the clock shall be set between 12:14:00 and 12:16:00
       12:10:00 the hub says 12:16:01
       12:30:00 the device reads 300 Wh`,
      `12:30 300/0
       register 300, unallocated 0
       clock reliable
       ${log}
       log 12:10:00 0x81C6 not adjusted: the master's 2026-06-01T12:16:01Z lies outside the window
       log 12:10:00 0x8F0C clock not adjusted: its master is 361000 ms away
       security 12:00:00 0x8154
       security 12:10:00 0x8154
       alert 0x8F0C`,
    );
    expectStory(
      `${begin}
       12:10:00 the clock shall be set between 12:14:00 and 12:16:00
       12:10:00 the hub says 12:10:02`,
      `register 100, unallocated 0
       clock reliable
       ${log}
       log 12:10:00 0x81C6 not adjusted: the master's 2026-06-01T12:10:02Z lies outside the window
       security 12:00:00 0x8154
       security 12:10:00 0x8154`,
    );
  });

  test("set-clock that brings the hub's time along acts at once", () => {
    const { esme } = tell(begin);
    const deed = {
      kind: "set-clock",
      presetTime: when("12:14:00"),
      timeRangeStart: when("12:14:00"),
      timeRangeEnd: when("12:16:00"),
      masterTime: when("12:16:00"),
    } as const;
    const turned = turnEsme(esme, { kind: "command", at: when("12:10:00"), by: "supplier", deed });
    expect(turned.disobeyed).toBeNull();
    expect(turned.clockSet).toEqual({ kind: "clock", at: when("12:16:00"), was: when("12:10:00") });
    expect(turned.esme.state.time).toMatchObject({ status: "reliable", validTimeRange: null });
    expect(turned.esme.ledger.last?.at).toBe(when("12:16:00"));
  });

  test("an Invalid clock has nothing to keep: it takes the hub's time whatever the difference", () => {
    const { esme } = tell(`12:00:00 the hub is the clock's master
      1970-01-01T00:00:20 the clock is judged invalid`);
    const turned = turnEsme(esme, heard("1970-01-01T00:01:00 the hub says 12:05:00"));
    expect(turned.clockSet).toEqual({ kind: "clock", at: when("12:05:00"), was: when("1970-01-01T00:01:00") });
  });
});

describe("set-clock where the system's clock is the master", () => {
  test("inside the window there is nothing to adjust; outside it is refused and 0x81C6 is logged", () => {
    expectStory(
      "12:00:00 the clock shall be set between 12:00:00 and 12:00:00",
      `register 0, unallocated 0
       clock reliable
       security 12:00:00 0x8154`,
    );
    expectStory(
      "12:00:00 the clock shall be set between 12:00:01 and 12:10:00",
      `register 0, unallocated 0
       clock reliable
       log 12:00:00 0x81C6 not adjusted: the master's 2026-06-01T12:00:00Z lies outside the window
       refused: clock-outside-window`,
    );
  });

  test("a window that ends before it begins is refused, and nothing is logged", () =>
    expectStory(
      "12:00:00 the clock shall be set between 12:00:01 and 12:00:00",
      `register 0, unallocated 0
       clock reliable
       refused: clock-window`,
    ));
});
