// Thirteen months of one-second readings of a polyphase meter, from memory: three netting rules, voltages, a tariff of two seasons with
// blocks, prices and a billing calendar. Beside it what no meter could do without: the additions alone. Argument: days, if not 397.

import { type Esme, newEsme } from "../../../host/ledger/esme.js";
import { type Counted, chosen, countsOf } from "../../../host/ledger/netting.js";
import type { Counters } from "../../../host/ledger/quantities.js";
import type { SwitchingTable } from "../../../host/ledger/state/tariff.js";
import { settled } from "../../../host/ledger/state/words.js";
import { turnEsme } from "../../../host/ledger/turn-esme.js";
import type { Utc_ms } from "../../../host/ledger/units.js";
import { flow, START_ms } from "../readings.js";

export interface ThirteenMonths {
  readonly seconds: number;
  /** CPU time, which other processes of the machine disturb less; and as a clock on the wall saw it. */
  readonly cpu_s: number;
  readonly wall_s: number;
  readonly additions_s: number;
  readonly halfHours: number;
  readonly before_mb: number;
}

const DAY_s = 86_400;
/** 19,056 half hours. */
const MONTHS_13_days = 397;

const TABLE: SwitchingTable = {
  seasons: [
    { name: "summer", startDate: { year: null, month: 4, dayOfMonth: 1 }, weekIdentifier: "s" },
    { name: "winter", startDate: { year: null, month: 10, dayOfMonth: 1 }, weekIdentifier: "w" },
  ],
  weeks: [
    { weekIdentifier: "s", days: [1, 1, 1, 1, 1, 2, 2] },
    { weekIdentifier: "w", days: [2, 2, 2, 2, 2, 1, 1] },
  ],
  dayIdentifiers: [
    {
      dayIdentifier: 1,
      times: [
        { startTime: "00:00:00", tariffRateIdentifier: { kind: "tou", tou: 1 } },
        { startTime: "07:00:00", tariffRateIdentifier: { kind: "tou", tou: 2 } },
        { startTime: "16:00:00", tariffRateIdentifier: { kind: "tou", tou: 3 } },
        { startTime: "19:00:00", tariffRateIdentifier: { kind: "tou", tou: 2 } },
      ],
    },
    {
      dayIdentifier: 2,
      times: [
        { startTime: "00:00:00", tariffRateIdentifier: { kind: "block", tou: 1 } },
        { startTime: "02:30:00", tariffRateIdentifier: { kind: "tou", tou: 4 } },
        { startTime: "05:30:00", tariffRateIdentifier: { kind: "block", tou: 1 } },
      ],
    },
  ],
};

function meter(): Esme {
  const esme = newEsme(5_000);
  const { state } = esme;
  return {
    ...esme,
    state: {
      ...state,
      meterVariant: { value: "C" },
      tariffSwitchingTable: settled(TABLE),
      tariffSwitchingTableSpecialDays: settled([{ date: { year: null, month: 12, dayOfMonth: 25 }, dayIdentifier: 1 }]),
      tariffThresholdMatrix: settled(state.tariffThresholdMatrix.valueCurrent.map(() => [50_000, 100_000, 200_000])),
      tariffBlockPriceMatrixTOU: settled({
        tou: Array.from({ length: 48 }, (_, tou) => 20_000 + tou),
        block: Array.from({ length: 8 }, () => [30_000, 25_000, 20_000, 15_000]),
      }),
      standingCharge: settled(50_000),
      randomisedOffsetLimit: { value: 1_200 },
      billingCalendar: { startDateTime: START_ms as Utc_ms, periodicity: "monthly" },
    },
  };
}

function throughTheMeter(seconds: number): { readonly halfHours: number; readonly total: number } {
  let esme = meter();
  let halfHours = 0;
  const energy = new Phases();
  for (let second = 0; second <= seconds; second++) {
    const net_uwh = energy.pass(second);
    const at = (START_ms + second * 1_000) as Utc_ms;
    const { counters, base, beside } = chosen(countsOf(energy.phases(), energy.net()), "net");
    const read = turnEsme(esme, { kind: "reading", at, counters, device: "bench", boot: 1, base, span: null, beside });
    for (const notice of read.notices) if (notice.kind === "half-hour") halfHours++;
    const import_w = Math.max(0, Math.floor((net_uwh * 3_600) / 1e6));
    const voltages_dv = [2_300 + (second % 41), 2_310 + (second % 37), 2_290 + (second % 43)] as const;
    esme = turnEsme(read.esme, { kind: "supply", at, voltages_dv, import_w, primary_w: import_w }).esme;
  }
  return { halfHours, total: energy.total() };
}

/** The same seconds when nothing is kept but the totals. */
function additions(seconds: number): number {
  const energy = new Phases();
  for (let second = 0; second <= seconds; second++) energy.pass(second);
  return energy.total();
}

/** Cumulative energy of three phases, of which the first imports, the third exports and the second does both; their sum is netted in each
 * second. */
class Phases {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;
  #imported = 0;
  #exported = 0;
  #reactiveImport = 0;
  #reactiveExport = 0;

  /** One more second; gives its net import, negative where it exports. */
  pass(second: number): number {
    const [import_uwh, export_uwh, import_uvarh, export_uvarh] = flow(second);
    this.#a += import_uwh;
    this.#b += export_uwh;
    this.#c += import_uvarh;
    this.#d += import_uwh;
    this.#reactiveImport += import_uvarh;
    this.#reactiveExport += export_uvarh;
    const net_uwh = export_uwh - import_uvarh;
    if (net_uwh > 0) this.#imported += net_uwh;
    else this.#exported -= net_uwh;
    return net_uwh;
  }

  /** Reactive energy of all phases is counted with the first. */
  phases(): readonly Counted[] {
    return [
      counted(this.#a, 0, this.#reactiveImport, this.#reactiveExport),
      counted(this.#b, this.#c, 0, 0),
      counted(0, this.#d, 0, 0),
    ];
  }

  net(): Counted {
    return counted(this.#imported, this.#exported, this.#reactiveImport, this.#reactiveExport);
  }

  total(): number {
    return this.#a + this.#b + this.#c + this.#d + this.#imported + this.#exported;
  }
}

function counted(...uwh: readonly [number, number, number, number]): Counted {
  return { counters: uwh as unknown as Counters, base: null };
}

const seconds = Number(process.argv[2] ?? MONTHS_13_days) * DAY_s;
const before_mb = process.memoryUsage().rss / 1e6;
const began = performance.now();
const before = process.cpuUsage();
const { halfHours, total } = throughTheMeter(seconds);
const { user, system } = process.cpuUsage(before);
const wall_s = (performance.now() - began) / 1_000;
if (halfHours !== seconds / 1_800) throw new Error(`there are ${seconds / 1_800} half hours, not ${halfHours}`);
const addsBegan = process.cpuUsage();
if (additions(seconds) !== total) throw new Error("the two loops did not add up the same readings");
const adds = process.cpuUsage(addsBegan);
const result: ThirteenMonths = {
  seconds,
  cpu_s: (user + system) / 1e6,
  wall_s,
  additions_s: (adds.user + adds.system) / 1e6,
  halfHours,
  before_mb,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
