// Who the meter is, its clock, and the logs of what happened to it, under SMETS names.

import { z } from "zod";
import { emptyLog } from "../log.js";
import { BESIDE, CLOCK_MASTERS, CLOCK_STATUSES, NETTING_RULES } from "../names.js";
import { count, log, microWattHours, moment, octets, seconds } from "./words.js";

export const EVENT_LOG_DEPTH = 100;

/** A code of the facts or the reference messages, as a number; `otherInformation` is a number in the power event log, else octets. */
const powerEntry = z
  .strictObject({ timestamp: moment, logCode: z.int().min(0).max(0xffff), otherInformation: z.int().min(0) })
  .readonly();
export type PowerEntry = z.output<typeof powerEntry>;
const eventEntry = z
  .strictObject({
    timestamp: moment,
    logCode: z.int().min(0).max(0xffff),
    /** What GBCS puts there: the code of the message that a command was. */
    otherInformation: octets(8),
    /** What happened, in our words. */
    text: z.string().max(200),
  })
  .readonly();
export type EventEntry = z.output<typeof eventEntry>;

/** 13 digits, but for what another meter may tell. */
const mpan = z.string().min(1).max(13).nullable();

/** Readings held under an Invalid clock, and the boots of devices that they are of. */
export const HELD_READINGS = 1_500;
export const HELD_BOOTS = 100;
/** Held readings nearer together than this are thinned at first, s. */
export const HELD_SPACING_s = 60;

const heldCount = z.tuple([microWattHours, microWattHours, microWattHours.nullable(), microWattHours.nullable()]);
const heldBoot = z
  .strictObject({
    device: z.string(),
    boot: z.int().min(0),
    span: microWattHours.nullable(),
    base: heldCount.readonly().nullable(),
    /** The other counts of a reading, in the order of its row. */
    beside: z
      .array(z.strictObject({ name: z.enum(BESIDE), base: heldCount.readonly().nullable() }).readonly())
      .max(BESIDE.length)
      .readonly(),
    /** Oldest first: ms since the boot, then import, export and both reactive, in 10^-6 Wh, of the device and of each other count. */
    rows: z
      .array(z.array(z.int().min(0).nullable()).readonly())
      .max(HELD_READINGS)
      .readonly(),
  })
  .readonly();
export type HeldBoot = z.output<typeof heldBoot>;

export const housekeepingState = {
  /** A single element, B twin element, C polyphase (facts 12). */
  meterVariant: z.strictObject({ value: z.enum(["A", "B", "C"]) }).readonly(),
  meterPointAdministrationNumber: z
    .strictObject({ importMPAN: mpan, secondaryImportMPAN: mpan, exportMPAN: mpan })
    .readonly(),
  /** How phases become one flow: the rule that feeds the registers; the others are accounted beside it (facts 5). */
  netting: z
    .strictObject({ rule: z.enum(NETTING_RULES), window: z.enum(["board", "report-interval", "meter"]) })
    .readonly(),
  time: z
    .strictObject({
      status: z.enum(CLOCK_STATUSES),
      master: z.enum(CLOCK_MASTERS),
      /** The window of the last set-clock command that has not been used or passed. */
      validTimeRange: z
        .strictObject({ presetTime: moment, timeRangeStart: moment, timeRangeEnd: moment })
        .readonly()
        .nullable(),
      /** Since when the master's time has been too far away to be followed; its alert has been told. */
      masterAwaySince: moment.nullable(),
    })
    .readonly(),
  /** What was read while the clock was Invalid, to be booked when it is known when that was. */
  unplacedReadings: z
    .strictObject({
      spacing: seconds,
      /** Readings that came with a UTC time while the clock was Invalid: not booked. */
      refused: count,
      boots: z.array(heldBoot).max(HELD_BOOTS).readonly(),
    })
    .readonly(),
  powerEventLog: log(EVENT_LOG_DEPTH, powerEntry),
  eventLog: log(EVENT_LOG_DEPTH, eventEntry),
  securityLog: log(EVENT_LOG_DEPTH, eventEntry),
};

export function newHousekeepingState() {
  return {
    meterVariant: { value: "A" as const },
    meterPointAdministrationNumber: { importMPAN: null, secondaryImportMPAN: null, exportMPAN: null },
    netting: { rule: "net" as const, window: "board" as const },
    time: { status: "reliable" as const, master: "system" as const, validTimeRange: null, masterAwaySince: null },
    unplacedReadings: { spacing: HELD_SPACING_s, refused: 0, boots: [] as readonly HeldBoot[] },
    powerEventLog: emptyLog<PowerEntry>(),
    eventLog: emptyLog<EventEntry>(),
    securityLog: emptyLog<EventEntry>(),
  };
}
