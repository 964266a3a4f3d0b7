// Auxiliary controllers (switches and proportional ones) under SMETS names: kept, set and told by command. No relay follows them yet.

import { z } from "zod";
import { emptyLog } from "../log.js";
import { type ScheduleDay, type ScheduleEntry, schedule, scheduleDays } from "./prepayment.js";
import { log, moment, octets, planned, row, settled } from "./words.js";

const CONTROLLERS = 5;
const u16 = z.int().min(0).max(0xffff);

const controller = z
  .strictObject({
    description: z.string().max(22),
    typeAndIdentifier: octets(8),
    stateAndAssociatedInformation: z.string().max(72_000),
    settingPeriodStartDateTime: moment.nullable(),
    settingPeriodEndDateTime: moment.nullable(),
    limitPeriodStartDateTime: moment.nullable(),
    limitPeriodEndDateTime: moment.nullable(),
    /** The last commanded state and limit, numbers that GBCS explains; null: none yet. */
    commandedState: u16.nullable(),
    commandedLimit: u16.nullable(),
    /** Whether it is on. */
    switchState: z.boolean(),
    /** Whether the boost button works on it. */
    boostFunctionControl: z.boolean(),
  })
  .readonly();
export type Controller = z.output<typeof controller>;

const eventEntry = z
  .strictObject({
    timestamp: moment,
    switchNumberAndAction: u16,
    outcome: z.int().min(0).max(255),
    hanCommandID: z
      .int()
      .min(0)
      .max(2 ** 32 - 1),
  })
  .readonly();
export type ControllerEvent = z.output<typeof eventEntry>;
const boostEntry = z.strictObject({ boostStart: moment, boostEnd: moment }).readonly();
export type BoostEntry = z.output<typeof boostEntry>;

export const CONTROLLER_EVENT_DEPTH = 100;
export const BOOST_DEPTH = 25;

export const auxiliaryState = {
  auxiliaryController: row(CONTROLLERS, controller),
  auxiliaryControllerCalendar: planned(schedule(120)),
  auxiliaryControllerCalendarSpecialDays: planned(scheduleDays),
  auxiliaryControllerEventLog: log(CONTROLLER_EVENT_DEPTH, eventEntry),
  boostFunctionAvailability: z.strictObject({ value: z.boolean() }).readonly(),
  boostFunctionEventLog: log(BOOST_DEPTH, boostEntry),
};

const NO_CONTROLLER: Controller = {
  description: "",
  typeAndIdentifier: "",
  stateAndAssociatedInformation: "",
  settingPeriodStartDateTime: null,
  settingPeriodEndDateTime: null,
  limitPeriodStartDateTime: null,
  limitPeriodEndDateTime: null,
  commandedState: null,
  commandedLimit: null,
  switchState: false,
  boostFunctionControl: false,
};

export function newAuxiliaryState() {
  return {
    auxiliaryController: Array<Controller>(CONTROLLERS).fill(NO_CONTROLLER),
    auxiliaryControllerCalendar: settled<readonly ScheduleEntry[]>([]),
    auxiliaryControllerCalendarSpecialDays: settled<readonly ScheduleDay[]>([]),
    auxiliaryControllerEventLog: emptyLog<ControllerEvent>(),
    boostFunctionAvailability: { value: false },
    boostFunctionEventLog: emptyLog<BoostEntry>(),
  };
}

export const AUXILIARY_PLANNED = [
  "auxiliaryControllerCalendar",
  "auxiliaryControllerCalendarSpecialDays",
] as const satisfies readonly (keyof typeof auxiliaryState)[];
