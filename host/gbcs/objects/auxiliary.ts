// Auxiliary controllers (switches and proportional ones): what they are, what is commanded, their calendar, boost, and their logs.
// docs/spec/gbcs.md, "The table".

import {
  BOOST_DEPTH,
  type BoostEntry,
  CONTROLLER_EVENT_DEPTH,
  type Controller,
  type ControllerEvent,
} from "../../ledger/state/auxiliary.js";
import { BOOL, ENUM, fields, hex, MOMENT, STAMP, text, U16, U32 } from "../codecs.js";
import type { Codec, Item } from "../item.js";
import { attribute, type Columns, logSection, put, setting, T_ENUM, T_U16, T_U32, tuple, value } from "../rows.js";
import { replacedWhole, SCHEDULE_DAYS, schedule } from "./forms.js";

/** One row for each controller: `obis` of its number, 1 to 5. */
function each<T>(
  field: keyof Controller,
  where: readonly [class_: number, obis: (number: number) => string],
  codec: Codec<T>,
  make: typeof value = setting,
): readonly Item[] {
  const [class_, obis] = where;
  return [1, 2, 3, 4, 5].map((number) => {
    const name = `AuxiliaryController[${number}].${field}`;
    return make(attribute(name, class_, obis(number), 2), ["auxiliaryController", number - 1, field], codec);
  });
}

/** Its number is in bits 8 to 11; the low octet is what it is to do or to let through, the bits above say in which direction (inferred from
 * the reference messages). The older commands put an action of another list there (11, 12, 20 in hexadecimal). */
const NUMBER_AT = 8;
const NUMBER_BITS = 0xf;

function commanded(name: string, obis: string, field: "commandedState" | "commandedLimit"): Item {
  return {
    name,
    class: 9,
    obis,
    method: 1,
    act: (draft, data) => {
      const command = U16.from(data);
      const number = ((command ?? 0) >> NUMBER_AT) & NUMBER_BITS;
      if (command === undefined || number < 1 || number > 5) return null;
      put(draft, "auxiliaryController", [number - 1, field], command);
      return [];
    },
  };
}

const CALENDAR = schedule("00000a0067ff", 120);

const EVENTS: Columns<ControllerEvent> = {
  of: tuple(T_U32, T_U16, T_ENUM, T_U32),
  row: fields<ControllerEvent>({ timestamp: STAMP, switchNumberAndAction: U16, outcome: ENUM, hanCommandID: U32 }),
  stamp: ({ timestamp }) => timestamp,
  depth: CONTROLLER_EVENT_DEPTH,
};
const BOOSTS: Columns<BoostEntry> = {
  of: tuple(T_U32, T_U32),
  row: fields<BoostEntry>({ boostStart: STAMP, boostEnd: STAMP }),
  stamp: ({ boostStart }) => boostStart,
  depth: BOOST_DEPTH,
};

export const AUXILIARY: readonly Item[] = [
  ...each("description", [1, (n) => `0-0:94.44.0.${10 + n}`], text("visible-string", 22)),
  ...each("typeAndIdentifier", [1, (n) => `0-0:94.44.0.${20 + n}`], hex(8)),
  ...each("stateAndAssociatedInformation", [1, (n) => `0-0:94.44.0.${30 + n}`], text("utf8-string", 72_000), value),
  // The older ECS47 sets minutes here, a long-unsigned: not supported.
  ...each("settingPeriodStartDateTime", [1, (n) => `0-0:94.44.${116 + n}.1`], MOMENT),
  ...each("settingPeriodEndDateTime", [1, (n) => `0-0:94.44.${116 + n}.2`], MOMENT),
  ...each("limitPeriodStartDateTime", [1, (n) => `0-0:94.44.${116 + n}.3`], MOMENT),
  ...each("limitPeriodEndDateTime", [1, (n) => `0-0:94.44.${116 + n}.4`], MOMENT),
  commanded("AuxiliaryController[n].controllerNumberAndCommandedState", "0-0:10.0.103.255", "commandedState"),
  commanded(
    "AuxiliaryProportionalController[n].controllerNumberAndCommandedState",
    "0-0:10.0.107.255",
    "commandedLimit",
  ),
  ...each("switchState", [70, (n) => `0-${n}:96.3.10.255`], BOOL, value),
  ...each("boostFunctionControl", [1, (n) => `0-0:94.44.6.${n}`], BOOL),
  value(
    attribute("BoostFunctionAvailability.value", 1, "0-0:94.44.7.255", 2),
    ["boostFunctionAvailability", "value"],
    BOOL,
  ),
  logSection(attribute("BoostFunctionEventLog.logEntries", 7, "0-0:99.98.20.255", 2), "boostFunctionEventLog", BOOSTS),
  ...replacedWhole(
    "AuxiliaryControllerCalendar",
    ["currentEntries", "nextEntries"],
    10,
    ["0-0:12.0.2.255", "0-1:12.0.2.255", "0-0:94.44.128.26"],
    "auxiliaryControllerCalendar",
    CALENDAR,
  ),
  ...replacedWhole(
    "AuxiliaryControllerCalendar(SpecialDays)",
    ["current", "next"],
    11,
    ["0-0:11.0.3.255", "0-1:11.0.3.255", "0-0:94.44.128.35"],
    "auxiliaryControllerCalendarSpecialDays",
    SCHEDULE_DAYS,
  ),
  logSection(
    attribute("AuxiliaryControllerEventLog.logEntries", 7, "0-17:99.98.2.255", 2),
    "auxiliaryControllerEventLog",
    EVENTS,
  ),
  {
    name: "AuxiliaryControllerEventLog.clear",
    class: 7,
    obis: "0-17:99.98.2.255",
    method: 1,
    act: (_draft, data) =>
      data.type === "integer" && data.value === 0 ? [{ kind: "clear-auxiliary-controller-event-log" }] : null,
  },
];
