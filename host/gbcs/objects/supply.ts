// Load limit, supply state, tamper state and power thresholds: what the meter may do to the supply, and what it shows of it. Read off the
// reference messages but for the load limit's (ECS27) and armed or disabled answers, which are the use-case table's.

import type { Deed } from "../../ledger/commands.js";
import { type Data, i8 } from "../../wire/dlms/data.js";
import { BOOL, ENUM, list, scalerUnit, U16, U32, UNITS, words } from "../codecs.js";
import type { Codec, Item } from "../item.js";
import type { Draft } from "../meter-view.js";
import { activation, attribute, constant, method, next, setting, value } from "../rows.js";
import { CLOCK } from "./clock.js";

type SupplyTo = Extract<Deed, { kind: "supply" }>["to"];

/** States of class 70, disconnect control (Blue Book 4.5.8). */
const SUPPLY_STATES = words(ENUM, { disabled: 0, enabled: 1, armed: 2 });
/** Scripts of class 9 (GBCS). */
const SCRIPTS = words<SupplyTo>(U16, { enable: 51, disable: 52, arm: 54 });
const POWERS = list(U32, 2, 2);

// biome-ignore format: a table
export const SUPPLY: readonly Item[] = [
  current("LoadLimitPowerThreshold.thresholdCurrent",       4, "loadLimitPowerThreshold"),
  current("LoadLimitPeriod(Timer).valueCurrent",            6, "loadLimitPeriod"),
  current("LoadLimitRestorationPeriod(Timer).valueCurrent", 7, "loadLimitRestorationPeriod"),
  value(attribute("LoadLimitCounter.value",          3, "0-0:94.44.42.255", 2), ["loadLimitCounter", "value"], U32),
  constant(attribute("LoadLimitCounter.scale",       3, "0-0:94.44.42.255", 3), scalerUnit(UNITS.none)),
  method("LoadLimitCounter.reset",                   3, "0-0:94.44.42.255", 1, i8(0), { kind: "reset", what: "loadLimitCounter" }),
  value(attribute("LoadLimitSupplyState.valueCurrent", 9000, "0-0:94.44.0.3", 2), ["loadLimitSupplyState", "valueCurrent"], BOOL),
  ...waiting("LoadLimitSupplyState",              "0-0:94.44.0.3",   "loadLimitSupplyState", BOOL),
  ...waiting("LoadLimitPeriod(Timer)",            "0-0:94.44.128.6", "loadLimitPeriod", U32),
  ...waiting("LoadLimitPowerThreshold",           "0-0:94.44.128.7", "loadLimitPowerThreshold", U32),
  ...waiting("LoadLimitRestorationPeriod(Timer)", "0-0:94.44.128.8", "loadLimitRestorationPeriod", U32),
  value(attribute("SupplyState.value",              70, "0-0:96.3.10.255", 3), ["supplyState", "value"], SUPPLY_STATES),
  { name: "SupplyState.execute", class: 9, obis: "0-0:10.0.106.255", method: 1, act: supply, learn: learnSupply },
  {
    ...attribute("PowerThresholds.thresholds",      21, "0-0:16.0.0.255", 2),
    get: ({ state }) => powers(state),
    put: putPowers,
    settable: true,
  },
  setting(attribute("SupplyTamperState.value",       1, "0-0:94.44.0.4", 2), ["supplyTamperState", "value"], BOOL),
  ...CLOCK,
];

type LoadLimit = "loadLimitPowerThreshold" | "loadLimitPeriod" | "loadLimitRestorationPeriod" | "loadLimitSupplyState";

function current(name: string, number: number, section: LoadLimit): Item {
  return value(attribute(name, 71, "0-0:17.0.0.255", number), [section, "valueCurrent"], U32);
}

/** What waits, and until when. */
function waiting<T>(name: string, obis: string, section: LoadLimit, codec: Codec<T>): readonly Item[] {
  return [
    next(attribute(`${name}.valueNext`, 9000, obis, 4), [section], codec),
    activation(attribute(`${name}.activateNextDateTime`, 9000, obis, 6), section),
  ];
}

function supply(_draft: Draft, data: Data): readonly Deed[] | null {
  const to = SCRIPTS.from(data);
  return to === undefined ? null : [{ kind: "supply", to }];
}

/** Only a supply that was not enabled can have been armed. */
function learnSupply(draft: Draft, data: Data): void {
  if (SCRIPTS.from(data) === "arm") draft.put("supplyState", { value: "disabled" });
}

/** From low to medium, then from medium to high. */
function powers({ lowMediumPowerThreshold, mediumHighPowerThreshold }: Draft["base"]["state"]): Data {
  return POWERS.to([lowMediumPowerThreshold.threshold, mediumHighPowerThreshold.threshold]);
}

function putPowers(draft: Draft, data: Data): boolean {
  const [lowMedium, mediumHigh] = POWERS.from(data) ?? [];
  if (lowMedium === undefined || mediumHigh === undefined) return false;
  draft.put("lowMediumPowerThreshold", { threshold: lowMedium });
  draft.put("mediumHighPowerThreshold", { threshold: mediumHigh });
  return true;
}
