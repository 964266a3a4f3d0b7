// `esme read tou | blocks | tariff`: which register takes the energy, what it holds, what it costs.

import {
  type CalendarDate,
  type Rate,
  type SwitchingTable,
  TARIFF_SECTIONS,
  tariffState,
} from "../../ledger/state/tariff.js";
import type { Planned } from "../../ledger/state/words.js";
import { activePrice, nextSwitch, offset_ms, pendingTariff } from "../../ledger/tariff/account.js";
import { isPlain } from "../../ledger/tariff/date.js";
import { rfc3339 } from "../../ledger/units.js";
import { pence } from "../money.js";
import { table } from "../table.js";
import { kwh } from "../words.js";
import { type Options, type Seen, say, sayJson, timeOr, withMeter } from "./reading.js";

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

export function readTou(options: Options): void {
  withMeter(options, (seen) => {
    const { tou, second, blocks_wh, account } = sharedOut(seen);
    const { state, name, at } = seen;
    const register_wh = seen.mark === null ? 0 : seen.mark.cumulative[0] / 1_000_000;
    const rate = account.rate;
    if (options.json === true)
      return sayJson("tou", {
        at,
        source: name,
        rate,
        tou_wh: tou,
        secondary_rate: account.secondaryRate,
        secondary_tou_wh: account.secondaryRate === null ? null : second,
        blocks_wh,
        set_wh: account.setWh,
        register_wh,
      });
    say(
      `${name} at ${at ?? "(no reading yet)"}: ${rate === null ? "no rate yet" : `${rateText(rate)} takes the energy`}\n`,
    );
    const prices = state.tariffBlockPriceMatrixTOU.valueCurrent.tou;
    const rows = tou.flatMap((wh, index) =>
      wh === 0 && prices[index] === 0 && !(rate?.kind === "tou" && rate.tou === index + 1)
        ? []
        : [[`TOU ${index + 1}`, kwh(wh), `${pence(prices[index] ?? 0)} p/kWh`]],
    );
    rows.push(["all blocks", kwh(blocks_wh), ""], ["set, no energy", kwh(account.setWh), ""]);
    rows.push(["= active import", kwh(register_wh), ""]);
    say(table(["register", "import", "price"], rows));
    if (account.secondaryRate === null) return;
    const secondPrices = state.secondaryTariffTOUPriceMatrix.valueCurrent;
    const more = second.map((wh, index) => [`TOU ${index + 1}`, kwh(wh), `${pence(secondPrices[index] ?? 0)} p/kWh`]);
    say(`\n${table(["secondary element", "import", "price"], more)}`);
  });
}

export function readBlocks(options: Options): void {
  withMeter(options, (seen) => {
    const { state, name, at } = seen;
    const { registers, account } = sharedOut(seen);
    const thresholds = state.tariffThresholdMatrix.valueCurrent;
    const prices = state.tariffBlockPriceMatrixTOU.valueCurrent.block;
    const blocks = thresholds.flatMap((ends, t) =>
      [0, 1, 2, 3].map((b) => ({
        tou: t + 1,
        block: b + 1,
        import_wh: registers.tariffBlockRegisterMatrix[b]?.[t] ?? 0,
        counter_wh: registers.tariffBlockCounterMatrix[b]?.[t] ?? 0,
        to_wh: ends[b] ?? null,
        price_millipence: prices[t]?.[b] ?? 0,
      })),
    );
    const resetAt = account.blockCountersResetAt;
    const daily = state.tariffBlockCounterMatrix.dailyResetting;
    if (options.json === true) {
      const counters_reset_at = resetAt === null ? null : rfc3339(resetAt);
      return sayJson("blocks", { at, source: name, rate: account.rate, daily_reset: daily, counters_reset_at, blocks });
    }
    say(
      `${name} at ${at ?? "(no reading yet)"}: counters begin again ${daily ? "each UTC day" : "with each billing period"},`,
    );
    say(`${resetAt === null ? "and have not yet" : `last at ${rfc3339(resetAt)}`}\n`);
    const used = blocks.filter((one) => one.import_wh > 0 || one.price_millipence > 0 || one.to_wh !== null);
    if (used.length === 0) return say("no block is used: the tariff has none");
    const rows = used.map((one) => [
      `TOU ${one.tou} block ${one.block}`,
      kwh(one.import_wh),
      kwh(one.counter_wh),
      one.to_wh === null ? "-" : kwh(one.to_wh),
      `${pence(one.price_millipence)} p/kWh`,
    ]);
    say(table(["register", "import", "counter", "full at", "price"], rows));
  });
}

export function readTariff(options: Options): void {
  withMeter(options, (seen) => {
    const { state, name, at, mark } = seen;
    const offset_s = offset_ms(state) / 1_000;
    const rate = state.tariffAccount.rate;
    const price = mark === null ? null : activePrice(state, mark).primary;
    const next = mark === null ? Number.POSITIVE_INFINITY : nextSwitch(state, mark.at);
    const nextAt = Number.isFinite(next) ? rfc3339(next) : null;
    if (options.json === true) {
      const sections = TARIFF_SECTIONS.map((section) => [
        section,
        tariffState[section].encode(state[section] as never),
      ]);
      return sayJson("tariff", {
        at,
        source: name,
        rate,
        price_millipence: price,
        next_switch: nextAt,
        offset_s,
        offset_number: state.randomisedOffsetNumber.value,
        offset_limit_s: state.randomisedOffsetLimit.value,
        ...Object.fromEntries(sections),
      });
    }
    const now = rate === null ? "no rate yet" : `${rateText(rate)}, ${pence(price ?? 0)} p/kWh`;
    say(`${name} at ${at ?? "(no reading yet)"}: ${now}; the next switch ${nextAt ?? "is not within a day"}`);
    const { randomisedOffsetNumber: number, randomisedOffsetLimit: limit } = state;
    say(`switches are displaced by ${offset_s} s (number ${number.value} of 10000, limit ${limit.value} s)`);
    const standing = `${pence(state.standingCharge.valueCurrent)} p a day`;
    say(`standing charge ${standing}, currency ${state.currencyUnit.valueCurrent}\n`);
    sayTable(state.tariffSwitchingTable.valueCurrent, state.tariffSwitchingTableSpecialDays.valueCurrent);
    sayPrices(seen);
    sayPlanned(seen);
  });
}

function sayTable(of: SwitchingTable, specialDays: readonly { date: CalendarDate; dayIdentifier: number }[]): void {
  if (of.seasons.length === 0) return say("no switching table: all energy goes to TOU 1\n");
  const seasons = of.seasons.map(({ name, startDate, weekIdentifier }) => {
    const week = of.weeks.find((one) => one.weekIdentifier === weekIdentifier);
    return [name, dateText(startDate), ...(week?.days ?? []).map((day) => `day ${day}`)];
  });
  say(`${table(["season", "from", ...WEEKDAYS], seasons)}\n`);
  const days = of.dayIdentifiers.flatMap(({ dayIdentifier, times }) =>
    times.map(({ startTime, tariffRateIdentifier }, index) => [
      index === 0 ? `day ${dayIdentifier}` : "",
      startTime,
      rateText(tariffRateIdentifier),
    ]),
  );
  say(`${table(["day", "from (UTC)", "rate"], days)}\n`);
  if (specialDays.length === 0) return;
  const special = specialDays.map(({ date, dayIdentifier }) => [dateText(date), `day ${dayIdentifier}`]);
  say(`${table(["special day", "as"], special)}\n`);
}

/** Prices of the rates that the table names, as far as their blocks reach, and of those that cost something. */
function sayPrices({ state }: Seen): void {
  const { tou, block } = state.tariffBlockPriceMatrixTOU.valueCurrent;
  const rates = state.tariffSwitchingTable.valueCurrent.dayIdentifiers
    .flatMap(({ times }) => times)
    .map(({ tariffRateIdentifier }) => tariffRateIdentifier);
  const named = (kind: Rate["kind"], number: number) => rates.some((one) => one.kind === kind && one.tou === number);
  const ends = state.tariffThresholdMatrix.valueCurrent;
  const reached = (t: number, b: number) => b === 0 || typeof ends[t]?.[b - 1] === "number";
  const rows = [
    ...tou.flatMap((price, t) => (price > 0 || named("tou", t + 1) ? [[`TOU ${t + 1}`, pence(price)]] : [])),
    ...block.flatMap((prices, t) =>
      prices.flatMap((price, b) =>
        price > 0 || (named("block", t + 1) && reached(t, b)) ? [[`TOU ${t + 1} block ${b + 1}`, pence(price)]] : [],
      ),
    ),
  ];
  say(rows.length === 0 ? "no prices" : table(["rate", "p/kWh"], rows));
}

function sayPlanned({ state }: Seen): void {
  const planned = TARIFF_SECTIONS.flatMap((section) => {
    const { valueNext, activateNextDateTime } = state[section] as Planned<unknown>;
    return valueNext === null ? [] : [[section, timeOr(activateNextDateTime)]];
  });
  if (planned.length > 0) say(`\n${table(["planned", "takes effect"], planned)}`);
}

/** The registers of the tariff with what has flowed since they were last settled. */
function sharedOut({ state, mark }: Seen) {
  const now = mark === null ? state : pendingTariff(state, mark);
  const registers = now.tariffBlockTOURegisterCollection;
  const blocks_wh = registers.tariffBlockRegisterMatrix.flat().reduce((sum, wh) => sum + wh, 0);
  const { touPrimaryRegister: tou, touSecondRegister: second } = now.tariffTOURegisterCollection;
  return { tou, second, blocks_wh, registers, account: now.tariffAccount };
}

function dateText(date: CalendarDate): string {
  // A tariff that holds has no other.
  if (!isPlain(date)) return "no day";
  const { year, month, dayOfMonth } = date;
  return `${dayOfMonth} ${MONTHS[month - 1]}${year === null ? "" : ` ${year}`}`;
}

function rateText({ kind, tou }: Rate): string {
  return kind === "tou" ? `TOU ${tou}` : `blocks of TOU ${tou}`;
}
