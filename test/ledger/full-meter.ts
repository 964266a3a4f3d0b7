// Two years and two days of a polyphase meter, one reading for each half hour: long enough that every log is filled past its end, with a
// tariff that is as large as one may be. Beside the events the plain truth of each half hour, for an auditor.

import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { EsmeEvent, Notice } from "../../host/ledger/events.js";
import { chosen, countsOf } from "../../host/ledger/netting.js";
import type { Counters } from "../../host/ledger/quantities.js";
import { settled } from "../../host/ledger/state/words.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { HALF_HOUR_ms, Utc_ms } from "../../host/ledger/units.js";
import { prices, specialOf, tableOf, thresholds } from "./tariff-helpers.js";

export const START = Date.UTC(2026, 0, 1);
/** 731 whole days and two more. */
export const HALF_HOURS = 733 * 48;
const WEEK = 7 * 48;

const two = (n: number) => String(n).padStart(2, "0");

/** Day 1 has 48 switches, one to each TOU; day 2 the blocks of TOU 1 to 8; the others one TOU each. */
const DAYS = [
  Array.from({ length: 48 }, (_, k) => `${two(k >> 1)}:${k % 2 === 0 ? "00" : "30"} TOU ${k + 1}`).join(", "),
  Array.from({ length: 8 }, (_, k) => `${two(3 * k)}:00 blocks of TOU ${k + 1}`).join(", "),
  ...Array.from({ length: 14 }, (_, k) => `00:00 TOU ${k + 3}`),
];
export const TABLE = tableOf(
  {
    winter: "01-01 1 2 3 4 5 6 7",
    spring: "04-01 1 2 8 9 10 11 12",
    summer: "07-01 1 2 13 14 15 16 1",
    autumn: "10-01 2 1 2 1 2 1 2",
  },
  DAYS,
);
export const SPECIAL_DAYS = specialOf(
  Object.fromEntries(
    Array.from({ length: 50 }, (_, k) => [`${two(1 + (k % 12))}-${two(1 + 5 * Math.floor(k / 12))}`, 1 + (k % 16)]),
  ),
);

/** What flowed in the half hour k, micro-watt-hours: about a kilowatt, less of it the other way. */
export function flow_uwh(k: number): readonly [number, number, number, number] {
  return [
    400_000_000 + ((k * 7_919) % 1_000) * 200_003,
    ((k * 104_729) % 500) * 999_983,
    100_000_000 + k,
    (k % 31) * 1_000_003,
  ];
}

/** The voltage of a phase throughout the half hour k, tenths of a volt: every fifth day it is above the threshold of 253 V. */
export function voltage_dv(k: number, phase: number): number {
  return Math.floor(k / 48) % 5 === 4 ? 2_560 + phase : 2_300 + ((k + 7 * phase) % 90);
}

export function meterToFill(): Esme {
  const esme = newEsme(1);
  return {
    ...esme,
    state: {
      ...esme.state,
      meterVariant: { value: "C" },
      tariffSwitchingTable: settled(TABLE),
      tariffSwitchingTableSpecialDays: settled(SPECIAL_DAYS),
      tariffThresholdMatrix: thresholds(...Array.from({ length: 8 }, () => [2_000, 5_000, 8_000])),
      billingCalendar: { startDateTime: Utc_ms(START), periodicity: "monthly" },
    },
  };
}

/** The events of one half hour after the other: the first reading alone, then the supply, the reading and what somebody asks for. */
export function* filling(halfHours = HALF_HOURS): Generator<readonly EsmeEvent[]> {
  const total = [0, 0, 0, 0];
  yield [readingOf(START, total)];
  for (let k = 0; k < halfHours; k++) {
    const end = START + (k + 1) * HALF_HOUR_ms;
    flow_uwh(k).forEach((uwh, q) => {
      total[q] = (total[q] ?? 0) + uwh;
    });
    const voltages_dv = [voltage_dv(k, 0), voltage_dv(k, 1), voltage_dv(k, 2)] as const;
    const supply = { kind: "supply", at: Utc_ms(end - 900_000), voltages_dv, import_w: 900, primary_w: 900 } as const;
    yield [supply, readingOf(end, total), ...(k % WEEK === WEEK - 1 ? asked(Utc_ms(end), k) : [])];
  }
}

/** Lives through all of it; `each` sees the meter after each half hour. */
export function filled(each?: (esme: Esme, notices: readonly Notice[], k: number) => void): Esme {
  let esme = meterToFill();
  let k = -1;
  for (const events of filling()) {
    const notices: Notice[] = [];
    for (const event of events) {
      const turned = turnEsme(esme, event);
      if (turned.disobeyed !== null) throw new Error(turned.disobeyed.reason);
      esme = turned.esme;
      notices.push(...turned.notices);
    }
    each?.(esme, notices, k++);
  }
  return esme;
}

/** A polyphase meter with the phases +import and -export: all three rules count. */
function readingOf(at: number, total: readonly number[]): EsmeEvent {
  const [imported, exported, reactiveImport, reactiveExport] = total;
  const of = (...counters: (number | undefined)[]) => ({ counters: counters as unknown as Counters, base: null });
  const phases = [of(imported, 0, reactiveImport, reactiveExport), of(0, exported, 0, 0), of(0, 0, 0, 0)];
  const counts = countsOf(phases, of(imported, 0, reactiveImport, reactiveExport));
  return { kind: "reading", at: Utc_ms(at), device: "d", boot: 1, span: null, ...chosen(counts, "per-phase") };
}

/** Each week other prices, which the security log and the billing data log hold, and a counter reset, which the event log holds. */
function asked(at: Utc_ms, k: number): readonly EsmeEvent[] {
  const sections = { tariffBlockPriceMatrixTOU: prices([20_000 + k, 10_000 + k]) };
  return [
    { kind: "command", at, by: "supplier", deed: { kind: "set", sections } },
    { kind: "command", at, by: "supplier", deed: { kind: "reset", what: "loadLimitCounter" } },
  ];
}
