// What a person calls an event of which a meter tells: "8F36", "outageRestoredLong", or JSON that says more of it.

import { existsSync } from "node:fs";
import { z } from "zod";
import type { Alert } from "../../gbcs/alerts.js";
import { isOutage } from "../../gbcs/audience.js";
import { CODES, sentenceOf } from "../../ledger/codes.js";
import { PLANNED_SECTIONS } from "../../ledger/state/state.js";
import { counter64, moment } from "../../ledger/state/words.js";
import type { Utc_ms } from "../../ledger/units.js";
import { usedWrongly } from "../refusal.js";
import { textIn } from "./files.js";

export interface Times {
  readonly at: Utc_ms;
  /** Of an outage: when the supply failed, and came back. */
  readonly from?: Utc_ms | undefined;
  readonly to?: Utc_ms | undefined;
}

const tellable = moment.refine((at) => at >= 0, "no message tells of a time before 1970");
const told = z.strictObject({
  code: z.string(),
  at: tellable.optional(),
  times: z.tuple([tellable, tellable]).optional(),
  /** Which planned section took effect or did not, and the message that planned it, as a snapshot has it (communicationsAccount). */
  planned: z
    .strictObject({
      section: z.enum(PLANNED_SECTIONS),
      origin: z.strictObject({
        messageCode: z.int().min(0).max(0xffff),
        originator: z.string().regex(/^[0-9a-f]{16}$/),
        counter: counter64,
      }),
    })
    .optional(),
});
type Told = z.output<typeof told>;

const SAY = 'give a code such as 8F36, its name, or {"code": "8F36", "at": .., "times": [.., ..]} (docs/spec/gbcs.md)';

/** The alert of an event; `event` is no "reading". */
export function alertOf(event: string, { at, from, to }: Times): Alert {
  const said = isNamed(event) ? { code: event } : read(event);
  const code = codeNamed(said.code);
  const given = from === undefined || to === undefined ? undefined : ([from, to] as const);
  const times = said.times ?? given;
  checkTimes(code, times, from !== undefined || to !== undefined);
  checkPlanned(code, said);
  return {
    kind: "alert",
    at: said.at ?? at,
    code,
    text: sentenceOf(code) ?? "",
    ...(times === undefined ? {} : { times }),
    ...(said.planned === undefined ? {} : { planned: said.planned }),
  };
}

function read(event: string): Told {
  const place = event.trimStart().startsWith("{") ? "--event" : event;
  if (place === event && !existsSync(event)) return usedWrongly(`"${event}" is no alert that this meter knows`, SAY);
  let json: unknown;
  try {
    json = JSON.parse(place === event ? textIn(event) : event);
  } catch (error) {
    return usedWrongly(`${place}: ${(error as Error).message}`, SAY);
  }
  const result = z.safeDecode(told, json as z.input<typeof told>);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return usedWrongly(`${place}: ${[...(issue?.path ?? []), issue?.message].join(": ")}`, SAY);
}

function isNamed(event: string): boolean {
  return Object.hasOwn(CODES, event) || /^(0x)?[0-9a-f]{4}$/i.test(event);
}

function codeNamed(word: string): number {
  const named = Object.entries(CODES).find(([name]) => name === word)?.[1].code;
  const code = named ?? (isNamed(word) ? Number.parseInt(word, 16) : Number.NaN);
  return sentenceOf(code) === null ? usedWrongly(`"${word}" is no alert that this meter knows`, SAY) : code;
}

function checkTimes(code: number, times: readonly [Utc_ms, Utc_ms] | undefined, given: boolean): void {
  const outage = isOutage(code);
  if (outage && (times === undefined || times[0] > times[1]))
    return usedWrongly(
      "an outage has a beginning and an end",
      "give --from and --to: when the supply failed, and came back",
    );
  if (!outage && (times !== undefined || given))
    return usedWrongly("only the alert of an outage has a beginning and an end", "leave them out");
}

function checkPlanned(code: number, { planned }: Pick<Told, "planned">): void {
  const ofPlan = code === CODES.plannedActioned.code || code === CODES.plannedNotActioned.code;
  if (ofPlan && planned === undefined)
    return usedWrongly(
      "this alert tells of a command that planned something",
      'give --event reading --at TIME, or JSON with "planned": {"section", "origin"} as a snapshot has it',
    );
  if (!ofPlan && planned !== undefined)
    return usedWrongly("only 8F66 and 8F67 tell of what was planned", 'leave out "planned"');
}
