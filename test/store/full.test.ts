// A meter that is full: every log past its depth, three netting ledgers beside the grid's. What its store weighs, and how fast it answers.
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openReader } from "../../host/adapters/store/house-reader.js";
import { logAt, STATE_SECTIONS } from "../../host/adapters/store/section-logs.js";
import { esmeOf } from "../../host/document/snapshot.js";
import type { Deed } from "../../host/ledger/commands.js";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { Count, EsmeEvent, Notice } from "../../host/ledger/events.js";
import { emptyLog, type Log, logged } from "../../host/ledger/log.js";
import { DEPTHS } from "../../host/ledger/profile.js";
import { balances } from "../../host/ledger/state/prepayment.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { cumulativeFromWh, DAY_ms, HALF_HOUR_ms, Utc_ms } from "../../host/ledger/units.js";
import { asDocument } from "../document/histories.js";
import { freshDir, opened, START } from "./houses.js";

const HALF_HOURS = DEPTHS[0] + 96;
const MOST_BYTES = 50_000_000;
/** The promise is for the command; this is the query's share of the processor, whatever else runs beside. */
const MOST_ms = 100;

/** A half hour of a three-phase house: a reading in all counts, the voltages, and something that is written down. */
function* halfHour(n: number): Generator<EsmeEvent> {
  const at = Utc_ms(START + n * HALF_HOUR_ms);
  const counters = (share: number) =>
    [n * 350 * share, n * 120 * share, n * 40, n * 15].map(cumulativeFromWh) as unknown as Count["counters"];
  const beside = (["net", "per-phase", "absolute"] as const).map((name, at) => ({
    name,
    counters: counters(1 + at / 10),
    base: null,
  }));
  yield { kind: "reading", at, counters: counters(1), device: "b", boot: 1, base: null, span: null, beside };
  const voltages_dv = [2_300 + (n % 50), 2_310 + (n % 40), 2_320 + (n % 30)] as const;
  yield { kind: "supply", at: Utc_ms(at + 1_000), voltages_dv, import_w: 700, primary_w: 700 };
  const deed: Deed = { kind: "set", sections: { lowMediumPowerThreshold: { threshold: n } } };
  if (n % 96 === 0) yield { kind: "command", at: Utc_ms(at + 2_000), by: "operator", deed };
}

/** Every log of the state filled past its depth, where a year of such a house has not. */
function filled(esme: Esme): Esme {
  const full = (log: Log<unknown>, depth: number, entry: unknown) => {
    let now = log.size === 0 ? emptyLog<unknown>() : log;
    while (now.size < depth) now = logged(now, entry, depth);
    return now;
  };
  const at = Utc_ms(START);
  const { state } = esme;
  const text = "the clock was adjusted within its tolerance";
  const event = { timestamp: at, logCode: 0x8145, otherInformation: "0062", text };
  const money = Object.fromEntries(Object.keys(balances).map((name) => [name, -1_000]));
  const read = state.dailyReadLogExcExport.pages.at(-1)?.at(-1);
  const amount = { timestamp: at, amount: 1_000 };
  const action = { timestamp: at, switchNumberAndAction: 0x0101, outcome: 0, hanCommandID: 7 };
  return {
    ...esme,
    state: {
      ...state,
      eventLog: full(state.eventLog, 100, event) as typeof state.eventLog,
      securityLog: full(state.securityLog, 100, event) as typeof state.securityLog,
      powerEventLog: full(state.powerEventLog, 100, { timestamp: at, logCode: 0x8f35, otherInformation: 1 }) as never,
      dailyConsumptionLog: full(state.dailyConsumptionLog, 731, { timestamp: at, value: 0 }) as never,
      billingDataLogBillingCalendarTriggeredExcExport: full(
        state.billingDataLogBillingCalendarTriggeredExcExport,
        12,
        read,
      ) as never,
      billingDataLogSetPaymentModeOrTariffTriggeredExcExport: full(
        state.billingDataLogSetPaymentModeOrTariffTriggeredExcExport,
        12,
        { ...read, ...money },
      ) as never,
      prepaymentDailyReadLog: full(emptyLog(), 31, { timestamp: at, ...money }) as never,
      billingDataLogBillingCalendarTriggeredPrepayment: full(emptyLog(), 12, { timestamp: at, ...money }) as never,
      billingDataLogMostRecentPaymentBasedDebtRepayment: full(emptyLog(), 10, amount) as never,
      billingDataLogMostRecentPrepaymentCredits: full(emptyLog(), 5, amount) as never,
      auxiliaryControllerEventLog: full(emptyLog(), 100, action) as never,
      boostFunctionEventLog: full(emptyLog(), 25, { boostStart: at, boostEnd: at }) as never,
      communicationsAccount: { ...state.communicationsAccount, originatorCounter: 2n ** 64n - 1n },
    },
  };
}

describe("a full meter", () => {
  it("stays under 50 MB in the store, gives a day of half hours at once, and comes back as it was", () => {
    const path = join(freshDir(), "meter.sqlite");
    const store = opened(path);
    let esme = newEsme(1);
    let notices: Notice[] = [];
    let longest_ms = 0;
    for (let n = 0; n < HALF_HOURS; n++) {
      for (const event of halfHour(n)) {
        const turned = turnEsme(esme, event);
        esme = turned.esme;
        notices.push(...turned.notices);
      }
      if (n === HALF_HOURS - 1) esme = filled(esme);
      if (n % 48 !== 0 && n !== HALF_HOURS - 1) continue;
      const begun = performance.now();
      store.commit({ ledgers: [{ name: "grid", role: "grid", ledger: esme.ledger, notices, esme }], outbox: [] });
      longest_ms = Math.max(longest_ms, performance.now() - begun);
      notices = [];
    }
    const log_bytes = statSync(`${path}-wal`).size;
    store.close();
    const bytes = statSync(path).size;

    const reader = openReader(path);
    if (!reader.ok) throw new Error(reader.reason);
    const day = Utc_ms(START + 200 * DAY_ms);
    const asked = process.cpuUsage();
    const entries = reader.reader.profile("grid", day, Utc_ms(day + DAY_ms));
    const query_ms = process.cpuUsage(asked).user / 1e3;
    expect(entries).toHaveLength(48);
    const looked = performance.now();
    expect(reader.reader.state("grid")?.state.eventLog.size).toBe(100);
    const state_ms = performance.now() - looked;
    reader.reader.close();

    const written = performance.now();
    const text = JSON.stringify(asDocument(esme));
    const read = esmeOf(JSON.parse(text));
    const document_ms = performance.now() - written;
    expect(read).not.toHaveProperty("rule");

    const from = performance.now();
    const again = opened(path);
    const load_ms = performance.now() - from;
    const taken = again.load()[0]?.esme;
    again.close();
    expect(taken === undefined ? null : asDocument(taken)).toEqual(asDocument(esme));
    for (const { name, logs } of STATE_SECTIONS) expect([name, shallow(esme, name, logs)]).toEqual([name, []]);

    const figures = [
      `${(bytes / 1e6).toFixed(1)} MB, its log at most ${(log_bytes / 1e6).toFixed(1)} MB`,
      `a day's half hours in ${query_ms.toFixed(1)} ms`,
      `all its state in ${state_ms.toFixed(0)} ms`,
      `as a document ${(text.length / 1e6).toFixed(1)} MB, written and read in ${document_ms.toFixed(0)} ms`,
      `opened and loaded in ${load_ms.toFixed(0)} ms`,
      `the longest commit ${longest_ms.toFixed(0)} ms`,
    ];
    process.stdout.write(`a full meter's store: ${figures.join("; ")}\n`);
    expect(bytes + log_bytes).toBeLessThan(MOST_BYTES);
    expect(query_ms).toBeLessThan(MOST_ms);
  });
});

/** The logs of a section that are not full. */
function shallow(esme: Esme, name: string, logs: (typeof STATE_SECTIONS)[number]["logs"]): readonly string[] {
  const section = esme.state[name as keyof Esme["state"]];
  return logs.flatMap((log) => (logAt(section, log).size === log.depth ? [] : [log.name]));
}
