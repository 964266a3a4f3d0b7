// Readings under an Invalid clock: held in the device's own time, shown in the registers, booked when it is known when that was.
//
//   unplaced --hold--> unplacedReadings   register shown = ledger + what the held readings add, all of it unallocated
//   placed   --place-> ordinary readings of that boot in their order: half hours appear as if the clock had been right
//                      readings of boots before it can no longer be placed: their flow ends in a gap, by the ordinary rule

import type { Esme, EsmeTurn } from "../esme.js";
import type { Count, Notice, Placed, Reading, Unplaced } from "../events.js";
import { type Ledger, registers_wh } from "../ledger.js";
import { event as logEvent } from "../logs.js";
import { EMPTY_PROFILE } from "../profile.js";
import { type Counters, type Four, four } from "../quantities.js";
import { HELD_BOOTS, HELD_READINGS, HELD_SPACING_s, type HeldBoot } from "../state/housekeeping.js";
import { turn } from "../turn.js";
import {
  DAY_ms,
  type MicroWattHours,
  modulo,
  mulDiv,
  REGISTER_SPAN_uwh,
  REGISTER_SPAN_wh,
  Utc_ms,
  wholeWh,
} from "../units.js";
import { TOLERANCE_ms } from "./judge.js";
import { moveClock, OUR_CODES } from "./step.js";

type Row = HeldBoot["rows"][number];
type Held = readonly HeldBoot[];
type Book = (esme: Esme, reading: Reading) => EsmeTurn;

const PPB = 1_000_000_000;

export function hold(esme: Esme, event: Unplaced): Esme {
  const { spacing, boots } = esme.state.unplacedReadings;
  const beside = (event.beside ?? []).map(({ name, base }) => ({ name, base }));
  const row: Row = [event.board, ...event.counters, ...(event.beside ?? []).flatMap((one) => one.counters)];
  const tail = boots.at(-1);
  if (tail !== undefined && isOf(tail, event) && sameCounts(tail, beside)) {
    if (event.board <= boardOf(tail.rows.at(-1))) return esme;
    const grown = { ...tail, rows: grow(tail.rows, row, spacing) };
    return withHeld(esme, spacing, [...boots.slice(0, -1), grown]);
  }
  const { device, boot, span, base } = event;
  const begun: HeldBoot = { device, boot, span, base: base as HeldBoot["base"], beside: beside as never, rows: [row] };
  return withHeld(esme, spacing, [...boots, begun].slice(-HELD_BOOTS));
}

/** `esme` with the readings held of that boot booked, and those of the boots before it ended in a gap; later boots are held on. */
export function place(esme: Esme, { device, boot, zero, rate_ppb }: Placed, book: Book): EsmeTurn {
  const { boots, spacing } = esme.state.unplacedReadings;
  const last = boots.findLastIndex((one) => isOf(one, { device, boot }));
  if (last < 0) return { esme, notices: [], disobeyed: null };
  const utcOf = (row: Row) => Utc_ms(zero + mulDiv(boardOf(row), PPB + rate_ppb, PPB));
  const gone = boots.slice(0, last + 1);
  const lost = gone.filter((one) => !isOf(one, { device, boot }));
  const mine = gone.filter((one) => isOf(one, { device, boot }));
  const rest = boots.slice(last + 1);
  const notices: Notice[] = [];
  let now = withHeld(esme, rest.length === 0 ? HELD_SPACING_s : spacing, rest);
  const first = utcOf(mine[0]?.rows[0] ?? []);
  // The boots before had ended when this one began.
  const begun = Math.min(zero, first - 1);
  const booked = now.ledger.last;
  // What is told now cannot be of before what was booked: the clock that booked it was ahead.
  if (booked !== null && first < booked.at - TOLERANCE_ms) {
    const moved = moveClock(now, { kind: "clock", at: Utc_ms(begun - lost.length), was: booked.at });
    notices.push(...moved.notices);
    now = moved.esme;
  }
  now = endedInGap(now, lost, Utc_ms(begun), book, notices);
  for (const held of mine)
    for (const row of held.rows) {
      const next = book(now, readingOf(held, row, utcOf(row)));
      notices.push(...next.notices);
      now = next.esme;
    }
  return { esme: now, notices, disobeyed: null };
}

/** An ordinary reading came, and readings are held still: they will not be placed any more. */
export function abandon(esme: Esme, before: Utc_ms, book: Book): EsmeTurn {
  const notices: Notice[] = [];
  const { boots } = esme.state.unplacedReadings;
  const now = endedInGap(withHeld(esme, HELD_SPACING_s, []), boots, Utc_ms(before - 1), book, notices);
  return { esme: now, notices, disobeyed: null };
}

export interface Shown {
  /** Whole Wh and varh: 0 .. 2^32 - 1. */
  readonly registers_wh: Four<number>;
  /** As the ledger's, and what is held besides: profile + open half hour + unallocated + dropped = register, modulo 2^32 Wh. */
  readonly unallocated_wh: Four<number>;
  /** What is held adds so much to the ledger's cumulative energy. */
  readonly held_uwh: Four<MicroWattHours>;
}

/** What a display shows: the ledger's registers, and what flowed under an Invalid clock. */
export function shownRegisters(esme: Esme): Shown {
  const { ledger } = esme;
  const after = withAllHeld(ledger, esme.state.unplacedReadings.boots);
  const before = registers_wh(ledger);
  const shown = four((q) => wholeWh(after.cumulative[q]));
  return {
    registers_wh: shown,
    unallocated_wh: four((q) => modulo(ledger.unallocated_wh[q] + shown[q] - before[q], REGISTER_SPAN_wh)),
    held_uwh: four((q) => modulo(after.cumulative[q] - ledger.cumulative[q], REGISTER_SPAN_uwh) as MicroWattHours),
  };
}

/** Each boot as if it had been read a day after the one before: long enough for anything that a fuse lets through in practice. */
function withAllHeld(ledger: Ledger, boots: Held): Ledger {
  let now: Ledger = { ...ledger, profile: EMPTY_PROFILE };
  for (const held of boots) {
    const begins = (now.last?.at ?? 0) + DAY_ms - boardOf(held.rows[0]);
    for (const row of held.rows) now = turn(now, readingOf(held, row, Utc_ms(begins + boardOf(row)))).ledger;
  }
  return now;
}

/** Of each boot only its last reading tells how much flowed; it is booked at `end`, over the gap since the last one, and those
 * before it a millisecond earlier each. The first of all is the baseline, where there is none yet. */
function endedInGap(esme: Esme, lost: Held, end: Utc_ms, book: Book, notices: Notice[]): Esme {
  let now = esme;
  for (const [index, held] of lost.entries()) {
    const [first, last] = [held.rows[0], held.rows.at(-1)];
    if (first === undefined || last === undefined) continue;
    const at = Math.max(end - (lost.length - 1 - index), (now.ledger.last?.at ?? 0) + 1);
    const readings = [readingOf(held, last, Utc_ms(at))];
    if (now.ledger.last === null && held.rows.length > 1)
      readings.unshift(readingOf(held, first, Utc_ms(at - (boardOf(last) - boardOf(first)))));
    for (const reading of readings) {
      const next = book(now, reading);
      notices.push(...next.notices);
      now = next.esme;
    }
    const text = `what boot ${held.boot} of ${held.device} read under an Invalid clock can no longer be placed`;
    notices.push({ kind: "event", at: end, code: "unplaced", text });
    now = { ...now, state: logEvent(now.state, end, OUR_CODES.unplaced, text) };
  }
  return now;
}

function readingOf(held: HeldBoot, row: Row, at: Utc_ms): Reading {
  const countersAt = (index: number) => row.slice(1 + 4 * index, 5 + 4 * index) as unknown as Counters;
  const { device, boot, span } = held;
  const reading: Reading = {
    kind: "reading",
    at,
    counters: countersAt(0),
    device,
    boot,
    base: held.base as Counters | null,
    span,
  };
  if (held.beside.length === 0) return reading;
  const beside: Count[] = held.beside.map(({ name, base }, index) => ({
    name,
    counters: countersAt(index + 1),
    base: base as Counters | null,
  }));
  return { ...reading, beside };
}

/** `rows` with one more. The one before it goes where its neighbours are no further apart than the spacing: kept readings are as near
 * to each other as that where the device told so often, and the first and the newest are always kept. */
function grow(rows: readonly Row[], row: Row, spacing_s: number): readonly Row[] {
  const near = rows.length >= 2 && boardOf(row) - boardOf(rows.at(-2)) <= spacing_s * 1_000;
  return near ? [...rows.slice(0, -1), row] : [...rows, row];
}

/** Too many are thinned to twice the spacing, as often as it takes. */
function withHeld(esme: Esme, spacing_s: number, boots: Held): Esme {
  let spacing = spacing_s;
  let kept = boots;
  while (kept.reduce((sum, held) => sum + held.rows.length, 0) > HELD_READINGS) {
    spacing *= 2;
    kept = kept.map((held) => {
      const rows: Row[] = [];
      for (const row of held.rows) {
        const near = rows.length >= 2 && boardOf(row) - boardOf(rows.at(-2)) <= spacing * 1_000;
        if (near) rows.pop();
        rows.push(row);
      }
      return { ...held, rows };
    });
  }
  const { refused } = esme.state.unplacedReadings;
  return { ...esme, state: { ...esme.state, unplacedReadings: { spacing, refused, boots: kept } } };
}

function isOf(held: HeldBoot, { device, boot }: { readonly device: string; readonly boot: number }): boolean {
  return held.device === device && held.boot === boot;
}

function sameCounts(held: HeldBoot, beside: readonly { readonly name: string }[]): boolean {
  return held.beside.length === beside.length && held.beside.every(({ name }, index) => name === beside[index]?.name);
}

function boardOf(row: Row | undefined): number {
  return row?.[0] ?? 0;
}
