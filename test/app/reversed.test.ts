// A source that sits the other way round: everything with a direction changes places, and nothing else does.

import { expect, test } from "vitest";
import { reversed } from "../../host/app/reversed.js";
import { Board_ms, Mono_ms } from "../../host/ledger/units.js";
import type { Booked, Source, SourceEvent } from "../../host/ports/source.js";

const AT = Mono_ms(1);
const counted = (import_mwh: number, export_mwh: number, reactive: readonly [number, number] | null) => ({
  import_mwh,
  export_mwh,
  import_mvarh: reactive?.[0] ?? null,
  export_mvarh: reactive?.[1] ?? null,
});
const EVENTS: readonly SourceEvent[] = [
  {
    kind: "report",
    arrived: AT,
    board: Board_ms(5),
    boot: 1,
    channel: 1,
    counters: counted(10, 20, null),
    base: counted(1, 2, null),
  },
  {
    kind: "report",
    arrived: AT,
    board: Board_ms(6),
    boot: 1,
    channel: 1,
    counters: counted(11, 20, [30, 40]),
    base: null,
  },
  {
    kind: "power",
    arrived: AT,
    power: {
      frequency_mhz: 50_000,
      voltage_mv: 230_000,
      phases_mv: [230_000, null, 231_000],
      channels: [{ current_ma: 5, active_mw: -700, reactive_mvar: null }],
    },
  },
  { kind: "lost", arrived: AT, reason: "gone" },
];

function told(source: (inner: Source) => Source) {
  const events: SourceEvent[] = [];
  let begun: readonly Booked[] | undefined;
  const inner: Source = {
    start: (tell, booked) => {
      begun = booked;
      for (const event of EVENTS) tell(event);
    },
    stop: async () => {},
    remember: () => {},
    setUtc: () => {},
  };
  source(inner).start(
    (event) => events.push(event),
    [{ channel: 1, device: "d", counters: counted(100, 200, [7, 8]) }],
  );
  return { events, begun };
}

test("counters, their base, power and what was booked change places; what is not known stays unknown", () => {
  const { events, begun } = told(reversed);
  expect(begun).toEqual([{ channel: 1, device: "d", counters: counted(200, 100, [8, 7]) }]);
  expect(events[0]).toMatchObject({ counters: counted(20, 10, null), base: counted(2, 1, null) });
  expect(events[1]).toMatchObject({ counters: counted(20, 11, [40, 30]), base: null });
  expect(events[2]).toMatchObject({
    power: {
      frequency_mhz: 50_000,
      phases_mv: [230_000, null, 231_000],
      channels: [{ current_ma: 5, active_mw: 700, reactive_mvar: null }],
    },
  });
  expect(events[3]).toEqual(EVENTS[3]);
});

test("turned round twice it is as it was", () => {
  expect(told((inner) => reversed(reversed(inner)))).toEqual(told((inner) => inner));
});
