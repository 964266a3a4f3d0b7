// Maximum demand: of import, of import within the configurable time, and of export (class 4 and GBCS's dates of last reset), and the
// configurable time itself (class 10). Read off the reference messages (ECS18b, ECS37, ECS57); export has the form of import.

import type { DemandName } from "../../ledger/records/demand.js";
import type { EsmeState } from "../../ledger/state/state.js";
import { bool, type Data, i8, octets, whole } from "../../wire/dlms/data.js";
import { bytesOfHex, fields, fixed, list, MOMENT, scalerUnit, TIME_OF_DAY, U16, U32, UNITS } from "../codecs.js";
import type { Item } from "../item.js";
import type { Draft } from "../meter-view.js";
import { attribute, constant, method, value } from "../rows.js";

const IMPORT = "maximumDemandActivePowerImportValue";
const CONFIGURABLE = "maximumDemandConfigurableTimeActivePowerImportValue";
const EXPORT = "maximumDemandActivePowerExportValue";

type Period = EsmeState["maximumDemandConfigurableTimePeriod"];

/** Every day of every year; what it does is told by the script: the first begins the time, the second ends it. */
const SWITCH = fields({
  index: U16,
  enable: fixed(bool(true)),
  scriptLN: fixed(octets(bytesOfHex("00000a8064ff"))),
  scriptSelector: U16,
  switchTime: TIME_OF_DAY,
  validityWindow: fixed(whole("long-unsigned", 0xffff)),
  execWeekdays: fixed({ type: "bit-string", bits: 7, bytes: Uint8Array.of(0xfe) }),
  execSpecdays: fixed({ type: "bit-string", bits: 0, bytes: new Uint8Array() }),
  beginDate: fixed(octets(bytesOfHex("000001ffff"))),
  endDate: fixed(octets(bytesOfHex("ffffffffff"))),
});
const SWITCHES = list(SWITCH, 2, 2);
const SAME = {
  enable: null,
  scriptLN: null,
  validityWindow: null,
  execWeekdays: null,
  execSpecdays: null,
  beginDate: null,
  endDate: null,
};
const BEGINS = 1;
const ENDS = 2;

// biome-ignore format: a table
export const DEMAND: readonly Item[] = [
  lastReset("MaximumDemand(ConfigurableTime)ActivePowerImportValue", "0-0:94.44.5.0", CONFIGURABLE),
  lastReset("MaximumDemandActiveEnergyImportValue",                  "0-0:94.44.5.1", IMPORT),
  lastReset("MaximumDemandActivePowerExportValue",                   "0-0:94.44.5.2", EXPORT),
  ...demand("MaximumDemandActivePowerImportValue",                   "1-0:1.6.0.255", IMPORT),
  ...demand("MaximumDemand(ConfigurableTime)ActivePowerImportValue", "1-0:1.6.1.255", CONFIGURABLE),
  ...demand("MaximumDemandActivePowerExportValue",                   "1-0:2.6.0.255", EXPORT),
  {
    ...attribute("MaximumDemandConfigurableTimePeriod.currentEntries", 10, "0-0:12.0.0.255", 2),
    get: ({ state }) => told(state.maximumDemandConfigurableTimePeriod),
    put: putPeriod,
    settable: true,
  },
];

function lastReset(name: string, obis: string, section: DemandName): Item {
  return value(attribute(`${name}.dateTimeOfLastReset`, 1, obis, 2), [section, "dateTimeOfLastReset"], MOMENT);
}

function demand(name: string, obis: string, section: DemandName): readonly Item[] {
  return [
    value(attribute(`${name}.value`, 4, obis, 2), [section, "value"], U32),
    constant(attribute(`${name}.scale`, 4, obis, 3), scalerUnit(UNITS.W)),
    value(attribute(`${name}.dateTimeStamp`, 4, obis, 5), [section, "dateTimeStamp"], MOMENT),
    method(`${name}.reset`, 4, obis, 1, i8(0), { kind: "reset", what: section }),
  ];
}

/** The meter numbers its entries from 1 (ECS18b). */
function told({ startTime, endTime }: Period): Data {
  return SWITCHES.to([
    { ...SAME, index: 1, scriptSelector: BEGINS, switchTime: startTime },
    { ...SAME, index: 2, scriptSelector: ENDS, switchTime: endTime },
  ]);
}

/** A command may number its entries as it likes (ECS37 has 0 and 1) and have them in either order. */
function putPeriod(draft: Draft, data: Data): boolean {
  const switches = SWITCHES.from(data);
  const startTime = switches?.find(({ scriptSelector }) => scriptSelector === BEGINS)?.switchTime;
  const endTime = switches?.find(({ scriptSelector }) => scriptSelector === ENDS)?.switchTime;
  if (startTime === undefined || endTime === undefined) return false;
  const period = { startTime, endTime };
  if (draft.learning && fixed(told(period)).from(data) === undefined) return false;
  draft.put("maximumDemandConfigurableTimePeriod", period);
  return true;
}
