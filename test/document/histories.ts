// Seeded histories of a whole ESME: readings in several counts, the supply, commands, clock steps, all mixed.

import { documentOf } from "../../host/document/snapshot.js";
import type { Deed } from "../../host/ledger/commands.js";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { Count, EsmeEvent, Reading } from "../../host/ledger/events.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { Board_ms, MicroWattHours, Utc_ms } from "../../host/ledger/units.js";
import { history, random, START } from "../store/houses.js";

export const META = { at: Utc_ms(START), meter: "esme-00000001", source: "grid" };

/** An ESME as a document, whatever its pages look like. */
export function asDocument(esme: Esme) {
  return documentOf(esme, META);
}

export function lived(seed: number, length: number): Esme {
  let esme = newEsme(1 + (seed % 10_000), { fuse_w: 75_900, patience_ms: 43_200_000 });
  for (const event of esmeHistory(seed, length)) esme = turnEsme(esme, event).esme;
  return esme;
}

export function* esmeHistory(seed: number, length: number): Generator<EsmeEvent> {
  const next = random(seed * 31 + 7);
  const below = (n: number) => Math.floor(next() * n);
  const counts = below(3);
  let now = START;
  for (const event of history(seed, length)) {
    now = event.at;
    yield event.kind === "reading" ? inCounts(event, counts) : event;
    for (let more = below(4); more > 0; more--) {
      now += below(20_000);
      const volts = () => (below(30) === 0 ? 0 : below(40) === 0 ? null : 2_000 + below(700));
      const import_w = below(9) === 0 ? null : below(9_000);
      yield {
        kind: "supply",
        at: Utc_ms(now),
        voltages_dv: [volts(), volts(), volts()],
        import_w,
        primary_w: import_w === null ? null : below(import_w + 1),
      };
    }
    if (below(40) === 0 && event.kind === "reading") yield* withoutTime(inCounts(event, counts), now, below);
    if (below(30) === 0) yield { kind: "master", at: Utc_ms(now), says: Utc_ms(now + below(40_000) - 20_000) };
    if (below(12) === 0) yield { kind: "command", at: Utc_ms(now), by: "operator", deed: deed(below, now) };
  }
}

/** The clock becomes Invalid after a reading; some are held, and perhaps placed. */
function* withoutTime(reading: Reading, now: number, below: (n: number) => number): Generator<EsmeEvent> {
  yield { kind: "judged", at: Utc_ms(now), status: "invalid", why: "it believes it is 1970" };
  const { device, boot, counters, base, span, beside } = reading;
  const board = 1_000_000 + below(1_000_000);
  for (let n = below(5); n > 0; n--) {
    const told = { device, boot, counters, base, span, ...(beside === undefined ? {} : { beside }) };
    yield { kind: "unplaced", board: Board_ms(board + (5 - n) * 60_000), ...told };
  }
  const status = below(2) === 0 ? "reliable" : "unreliable";
  yield { kind: "judged", at: Utc_ms(now), status, why: "the network is there" };
  if (below(2) === 0) yield { kind: "placed", device, boot, zero: Utc_ms(now - board), rate_ppb: below(90_000) };
}

/** The same flow in other counts: none, the three netting rules, or a secondary element. */
function inCounts(reading: Reading, counts: number): Reading {
  if (counts === 0) return reading;
  const share = (name: Count["name"], parts: number): Count => ({
    name,
    counters: scaled(reading.counters, parts),
    base: reading.base === null ? null : scaled(reading.base, parts),
  });
  const beside =
    counts === 1 ? [share("net", 1), share("per-phase", 1.5), share("absolute", 0.5)] : [share("secondary", 0.25)];
  return { ...reading, beside };
}

function scaled(counters: Reading["counters"], parts: number): Reading["counters"] {
  const [a, b, c, d] = counters;
  const part = (value: number) => MicroWattHours(Math.floor(value * parts));
  return c === null ? [part(a), part(b), null, null] : [part(a), part(b), part(c), part(d ?? 0)];
}

function deed(below: (n: number) => number, now: number): Deed {
  const planned = <T>(value: T) => ({ valueCurrent: value, valueNext: null, activateNextDateTime: null });
  const deeds: readonly Deed[] = [
    { kind: "set-registers", import_wh: below(99_999_999), export_wh: below(9_999_999) },
    { kind: "set", sections: { lowMediumPowerThreshold: { threshold: below(9_000) } } },
    {
      kind: "set",
      sections: { loadLimitPowerThreshold: planned(1 + below(9_000)), loadLimitPeriod: planned(below(90)) },
    },
    { kind: "set", sections: { averageRMSVoltageMeasurementPeriod: { value: 60 } } },
    { kind: "set", sections: { tariffSwitchingTable: planned(NIGHT_RATE), standingCharge: planned(below(99_999)) } },
    {
      kind: "set",
      sections: {
        standingCharge: {
          valueCurrent: 5,
          valueNext: below(9),
          activateNextDateTime: Utc_ms(now + below(9) * 600_000),
        },
      },
    },
    { kind: "set", sections: { randomisedOffsetLimit: { value: below(1_800) } } },
    { kind: "set", sections: { billingCalendar: { startDateTime: Utc_ms(START), periodicity: "daily" } } },
    {
      kind: "set-clock",
      presetTime: Utc_ms(now),
      timeRangeStart: Utc_ms(now - 20_000),
      timeRangeEnd: Utc_ms(now + 20_000),
    },
    { kind: "supply", to: (["enable", "disable", "arm"] as const)[below(3)] ?? "enable" },
    { kind: "reset", what: "maximumDemandActivePowerImportValue" },
    { kind: "clear-event-log" },
  ];
  return deeds[below(deeds.length)] as Deed;
}

/** TOU 2 from midnight to 07:00, TOU 1 else. */
export const NIGHT_RATE = {
  seasons: [{ name: "all", startDate: { year: null, month: 1, dayOfMonth: 1 }, weekIdentifier: "w" }],
  weeks: [{ weekIdentifier: "w", days: [1, 1, 1, 1, 1, 1, 1] }],
  dayIdentifiers: [
    {
      dayIdentifier: 1,
      times: [
        { startTime: "00:00:00", tariffRateIdentifier: { kind: "tou" as const, tou: 2 } },
        { startTime: "07:00:00", tariffRateIdentifier: { kind: "tou" as const, tou: 1 } },
      ],
    },
  ],
};
