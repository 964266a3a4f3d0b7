// Who the meter is, its clock, and the logs of what happened to it, under SMETS names.

import { z } from "zod";
import { emptyLog } from "../log.js";
import { log, moment } from "./words.js";

export const EVENT_LOG_DEPTH = 100;

/** A code of the facts or the reference messages, as a number; `otherInformation` is a number in the power event log, else text. */
const powerEntry = z
  .strictObject({ timestamp: moment, logCode: z.int().min(0).max(0xffff), otherInformation: z.int().min(0) })
  .readonly();
export type PowerEntry = z.output<typeof powerEntry>;
const eventEntry = z
  .strictObject({ timestamp: moment, logCode: z.int().min(0).max(0xffff), otherInformation: z.string().max(200) })
  .readonly();
export type EventEntry = z.output<typeof eventEntry>;

const mpan = z
  .string()
  .regex(/^\d{13}$/, "an MPAN has 13 digits")
  .nullable();

export const NETTING_RULES = ["net", "per-phase", "absolute"] as const;
export const CLOCK_STATUSES = ["reliable", "unreliable", "invalid"] as const;
export const CLOCK_MASTERS = ["system", "hub"] as const;

export const housekeepingState = {
  /** A single element, B twin element, C polyphase (facts 12). */
  meterVariant: z.strictObject({ value: z.enum(["A", "B", "C"]) }).readonly(),
  meterPointAdministrationNumber: z.strictObject({ importMPAN: mpan, exportMPAN: mpan }).readonly(),
  /** How phases become one flow: the rule that feeds the registers; the others are accounted beside it (facts 5). */
  netting: z.strictObject({ rule: z.enum(NETTING_RULES), window: z.enum(["board", "report-interval"]) }).readonly(),
  time: z
    .strictObject({
      status: z.enum(CLOCK_STATUSES),
      master: z.enum(CLOCK_MASTERS),
      /** The window of the last set-clock command that has not been used or passed. */
      validTimeRange: z
        .strictObject({ presetTime: moment, timeRangeStart: moment, timeRangeEnd: moment })
        .readonly()
        .nullable(),
    })
    .readonly(),
  powerEventLog: log(EVENT_LOG_DEPTH, powerEntry),
  eventLog: log(EVENT_LOG_DEPTH, eventEntry),
  securityLog: log(EVENT_LOG_DEPTH, eventEntry),
};

export function newHousekeepingState() {
  return {
    meterVariant: { value: "A" as const },
    meterPointAdministrationNumber: { importMPAN: null, exportMPAN: null },
    netting: { rule: "net" as const, window: "board" as const },
    time: { status: "reliable" as const, master: "system" as const, validTimeRange: null },
    powerEventLog: emptyLog<PowerEntry>(),
    eventLog: emptyLog<EventEntry>(),
    securityLog: emptyLog<EventEntry>(),
  };
}
