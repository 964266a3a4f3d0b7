// The tariff: switching tables, special days, thresholds, prices and currency, of the primary element and of a twin's secondary one.
// docs/spec/gbcs.md, "The table".

import type {
  CalendarDate,
  PriceMatrix,
  Rate,
  SpecialDays,
  SwitchingTable,
  ThresholdMatrix,
} from "../../ledger/state/tariff.js";
import { enumeration, i8, octets, structure } from "../../wire/dlms/data.js";
import { BOOL, bytesOfHex, fields, fixed, list, mapped, TIME_OF_DAY, text, U8, U16, U32 } from "../codecs.js";
import type { Codec, Item } from "../item.js";
import { activation, attribute, constant, next, value } from "../rows.js";
import { BILLING } from "./billing.js";
import { type ChargeForm, priceRows, SINGLE_CHARGE } from "./charges.js";
import { DATE, only, twin } from "./forms.js";

const SCRIPTS = bytesOfHex("00000a0064ff");

type Season = SwitchingTable["seasons"][number];
type Week = SwitchingTable["weeks"][number];
type Day = SwitchingTable["dayIdentifiers"][number];

const named = (longest: number) => only(text("octet-string", longest), (name) => name.length > 0);
const DAY_IDENTIFIER = only(U8, (day) => day >= 1 && day <= 16);

/** A season begins with a day, at midnight. */
const MIDNIGHT = "00000000" + "8000ff";
const SEASON_START: Codec<CalendarDate> = {
  to: (date) => {
    const day = DATE.to(date);
    return octets(Uint8Array.of(...(day.type === "octet-string" ? day.bytes : []), ...bytesOfHex(MIDNIGHT)));
  },
  from: (data) => {
    if (data.type !== "octet-string") return undefined;
    const midnight = fixed(octets(bytesOfHex(MIDNIGHT))).from(octets(data.bytes.subarray(5)));
    return midnight === null ? DATE.from(octets(data.bytes.subarray(0, 5))) : undefined;
  },
};

const SEASONS = list(fields<Season>({ name: named(8), startDate: SEASON_START, weekIdentifier: named(4) }), 4);

const WEEKS = list(
  mapped(
    fields({
      weekIdentifier: named(4),
      monday: DAY_IDENTIFIER,
      tuesday: DAY_IDENTIFIER,
      wednesday: DAY_IDENTIFIER,
      thursday: DAY_IDENTIFIER,
      friday: DAY_IDENTIFIER,
      saturday: DAY_IDENTIFIER,
      sunday: DAY_IDENTIFIER,
    }),
    ({ weekIdentifier, days }: Week) => {
      const [monday = 1, tuesday = 1, wednesday = 1, thursday = 1, friday = 1, saturday = 1, sunday = 1] = days;
      return { weekIdentifier, monday, tuesday, wednesday, thursday, friday, saturday, sunday };
    },
    ({ weekIdentifier, ...days }) => ({ weekIdentifier, days: Object.values(days) }),
  ),
  4,
);

/** Script selectors: 1..48 the times of use, 101..108 those that have blocks, 201..204 the secondary element's. */
const PRIMARY_RATE = mapped(
  U16,
  (rate: Rate) => (rate.kind === "tou" ? rate.tou : 100 + rate.tou),
  (selector): Rate | undefined => {
    if (selector >= 1 && selector <= 48) return { kind: "tou", tou: selector };
    return selector >= 101 && selector <= 108 ? { kind: "block", tou: selector - 100 } : undefined;
  },
);
const SECONDARY_RATE = mapped(
  U16,
  (rate: Rate) => 200 + rate.tou,
  (selector): Rate | undefined =>
    selector >= 201 && selector <= 204 ? { kind: "tou", tou: selector - 200 } : undefined,
);

function days(rate: Codec<Rate>): Codec<readonly Day[]> {
  const time = mapped(
    fields({ startTime: TIME_OF_DAY, script: fixed(octets(SCRIPTS)), rate }),
    ({ startTime, tariffRateIdentifier }: Day["times"][number]) => ({
      startTime,
      script: null,
      rate: tariffRateIdentifier,
    }),
    (entry) => ({ startTime: entry.startTime, tariffRateIdentifier: entry.rate }),
  );
  return list(fields<Day>({ dayIdentifier: DAY_IDENTIFIER, times: list(time, 48) }), 16);
}

/** The index of a special day is its place, from 1. */
const SPECIAL_DAYS: Codec<SpecialDays> = mapped(
  list(fields({ index: U16, date: DATE, dayIdentifier: DAY_IDENTIFIER }), 50),
  (special: SpecialDays) => special.map((day, at) => ({ index: at + 1, ...day })),
  (entries): SpecialDays | undefined =>
    entries.every(({ index }, at) => index === at + 1)
      ? entries.map(({ date, dayIdentifier }) => ({ date, dayIdentifier }))
      : undefined,
);

function switchingRows(
  name: string,
  obis: string,
  section: "tariffSwitchingTable" | "tariffSwitchingTableSecondaryElement",
  rate: Codec<Rate>,
): readonly Item[] {
  const of = (field: string, number: number) => attribute(`${name}.${field}`, 20, obis, number);
  const dayIdentifiers = days(rate);
  return [
    value(of("currentSeasons", 3), [section, "valueCurrent", "seasons"], SEASONS),
    value(of("currentWeeks", 4), [section, "valueCurrent", "weeks"], WEEKS),
    value(of("currentDayIdentifiers", 5), [section, "valueCurrent", "dayIdentifiers"], dayIdentifiers),
    next(of("nextSeasons", 7), [section, "seasons"], SEASONS),
    next(of("nextWeeks", 8), [section, "weeks"], WEEKS),
    next(of("nextDayIdentifiers", 9), [section, "dayIdentifiers"], dayIdentifiers),
    activation(of("activateNextDateTime", 10), section),
  ];
}

function specialDayRows(
  name: string,
  current: string,
  waiting: string,
  activated: string,
  section: "tariffSwitchingTableSpecialDays" | "tariffSwitchingTableSecondaryElementSpecialDays",
): readonly Item[] {
  return [
    value(attribute(`${name}.current`, 11, current, 2), [section, "valueCurrent"], SPECIAL_DAYS),
    next(attribute(`${name}.next`, 11, waiting, 2), [section], SPECIAL_DAYS),
    activation(attribute(`${name}.activateNextDateTime`, 9000, activated, 6), section),
  ];
}

/** Where blocks 2, 3 and 4 begin; FFFFFFFF, or left out of what is set: no such block. */
const NO_BLOCK = 2 ** 32 - 1;
const thresholds = (least: number): Codec<ThresholdMatrix[number]> =>
  mapped(
    list(U32, 3, least),
    (three: ThresholdMatrix[number]) => three.map((threshold) => threshold ?? NO_BLOCK),
    (some): ThresholdMatrix[number] => {
      const three = [0, 1, 2].map((at) => some[at] ?? NO_BLOCK);
      return three.map((threshold) => (threshold === NO_BLOCK ? null : threshold));
    },
  );

const THRESHOLDS = Array.from({ length: 8 }, (_, at) => at).flatMap((at): Item[] => {
  const name = `TariffThresholdMatrixBlocks[1to3]TOU[${at + 1}]`;
  const section = "tariffThresholdMatrix";
  const [current, waiting] = [`0-0:16.0.${at + 11}.255`, `0-0:16.1.${at + 11}.255`];
  return [
    value(attribute(`${name}.thresholdCurrent`, 21, current, 2), [section, "valueCurrent", at], thresholds(3)),
    next(attribute(`${name}.thresholdNext`, 21, waiting, 2), [section, at], thresholds(1)),
  ];
});

/** 1..30 (hexadecimal) the times of use; A1..A8 block 1 of the TOU 1..8, B1.. block 2, C1.. block 3, D1.. block 4: the reference messages
 * of a tariff of one TOU and three blocks price A1, B1 and C1. */
const MATRIX: ChargeForm = {
  commodityScale: 3,
  class: 3,
  logicalName: "0100010800ff",
  attribute: 2,
  indices: [
    ...Array.from({ length: 48 }, (_, tou) => (tou + 1).toString(16).padStart(2, "0")),
    ...["a", "b", "c", "d"].flatMap((block) => Array.from({ length: 8 }, (_, tou) => `${block}${tou + 1}`)),
  ],
};
const SECONDARY_MATRIX: ChargeForm = { ...MATRIX, logicalName: "0114010800ff", indices: ["01", "02", "03", "04"] };

const matrixNumbers = ({ tou, block }: PriceMatrix) => [
  ...tou,
  ...[0, 1, 2, 3].flatMap((at) => block.map((four) => four[at] ?? 0)),
];
const matrixOf = (numbers: readonly number[]): PriceMatrix => ({
  tou: numbers.slice(0, 48),
  block: Array.from({ length: 8 }, (_, tou) => [0, 1, 2, 3].map((at) => numbers[48 + at * 8 + tou] ?? 0)),
});

/** Thousandths of a penny, in a unit that DLMS has no name for. */
const PRICE_UNIT = fixed(structure(i8(-5), enumeration(254)));
const CURRENCY = mapped(
  BOOL,
  (currency: "GBP" | "EUR") => currency === "GBP",
  (isPounds) => (isPounds ? "GBP" : "EUR"),
);

const SECONDARY = "TariffSwitchingTable(SecondaryElement)";

export const TARIFF: readonly Item[] = [
  ...switchingRows("TariffSwitchingTable", "0-0:13.0.0.255", "tariffSwitchingTable", PRIMARY_RATE),
  ...switchingRows(SECONDARY, "0-0:13.0.1.255", "tariffSwitchingTableSecondaryElement", SECONDARY_RATE).map(twin),
  ...specialDayRows(
    "TariffSwitchingTable(SpecialDays)",
    "0-0:11.0.0.255",
    "0-1:11.0.0.255",
    "0-0:94.44.128.29",
    "tariffSwitchingTableSpecialDays",
  ),
  ...specialDayRows(
    `${SECONDARY}(SpecialDays)`,
    "0-0:11.0.1.255",
    "0-1:11.0.1.255",
    "0-0:94.44.128.30",
    "tariffSwitchingTableSecondaryElementSpecialDays",
  ).map(twin),
  ...THRESHOLDS,
  activation(
    attribute("TariffThresholdMatrix.activateNextDateTime", 9000, "0-0:63.1.1.255", 6),
    "tariffThresholdMatrix",
  ),
  value(attribute("CurrencyUnit.valueCurrent", 9000, "0-0:94.44.2.0", 2), ["currencyUnit", "valueCurrent"], CURRENCY),
  next(attribute("CurrencyUnit.valueNext", 9000, "0-0:94.44.2.0", 4), ["currencyUnit"], CURRENCY),
  activation(attribute("CurrencyUnit.activateNextDateTime", 9000, "0-0:94.44.2.0", 6), "currencyUnit"),
  ...priceRows(
    "TariffBlockPriceMatrixTOU",
    "0-0:19.20.0.255",
    "tariffBlockPriceMatrixTOU",
    MATRIX,
    matrixNumbers,
    matrixOf,
  ),
  ...priceRows(
    "StandingCharge",
    "0-0:19.20.4.255",
    "standingCharge",
    SINGLE_CHARGE,
    (charge) => [charge],
    ([charge = 0]) => charge,
  ),
  ...priceRows(
    "SecondaryTariffTOUPriceMatrix",
    "0-0:19.20.5.255",
    "secondaryTariffTOUPriceMatrix",
    SECONDARY_MATRIX,
    (four) => four,
    (four) => four,
  ).map(twin),
  value(
    attribute("(Primary)ActiveTariffPrice.value", 3, "0-0:94.44.1.7", 2),
    ["primaryActiveTariffPrice", "value"],
    U32,
  ),
  constant(attribute("(Primary)ActiveTariffPrice.scale, unit", 3, "0-0:94.44.1.7", 3), PRICE_UNIT),
  twin(
    value(
      attribute("SecondaryActiveTariffPrice.value", 3, "0-0:94.44.1.8", 2),
      ["secondaryActiveTariffPrice", "value"],
      U32,
    ),
  ),
  twin(constant(attribute("SecondaryActiveTariffPrice.scale, unit", 3, "0-0:94.44.1.8", 3), PRICE_UNIT)),
  ...BILLING,
  {
    name: "TariffBlock[1to4]CounterMatrixTOU[1to8].reset",
    class: 9,
    obis: "0-0:10.0.100.255",
    method: 1,
    act: (_draft, data) =>
      data.type === "long-unsigned" && data.value === 99 ? [{ kind: "reset", what: "tariffBlockCounterMatrix" }] : null,
  },
];
