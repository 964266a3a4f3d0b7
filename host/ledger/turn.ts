// The one way a ledger changes: `turn(ledger, event)` gives the next ledger and what there is to tell of it.
// Energy is booked here (`book`); whether a reading may be believed is decided in `believe.ts`.

import { type Belief, believe } from "./believe.js";
import type { ClockStep, LedgerEvent, Notice, Reading, Tick } from "./events.js";
import { type Ledger, type OpenHalfHour, registers_wh, sinceMark_wh } from "./ledger.js";
import { append, FLAGS, type Flag } from "./profile.js";
import { type Four, four } from "./quantities.js";
import { HALF_HOUR_ms, type MicroWattHours, mulDiv, REGISTER_SPAN_uwh, REGISTER_SPAN_wh, Utc_ms } from "./units.js";

export interface Turn {
  readonly ledger: Ledger;
  readonly notices: readonly Notice[];
}

/** A gap across a half-hour edge up to this long is split by time without a flag (facts 8a). */
const UNFLAGGED_GAP_ms = 60_000;
/** ... and up to this long with the flag `estimated`; beyond it the energy is unallocated. */
const SPLIT_GAP_ms = HALF_HOUR_ms;
/** A clock set by no more than this is an adjustment, not worth a flag. */
const CLOCK_TOLERANCE_ms = 10_000;

const NOTHING: readonly Notice[] = [];
const NO_FLAGS: readonly Flag[] = [];
const NO_FLOW: Four<number> = [0, 0, 0, 0];

export function turn(ledger: Ledger, event: LedgerEvent): Turn {
  switch (event.kind) {
    case "reading":
      return onReading(ledger, event);
    case "tick":
      return onTick(ledger, event);
    case "clock":
      return onClockStep(ledger, event);
  }
}

function onReading(ledger: Ledger, reading: Reading): Turn {
  const belief = believe(ledger, reading);
  if (belief.kind === "flow" && belief.notice === null && ledger.doubt === null && ledger.open !== null) {
    const { open, last } = ledger;
    if (last !== null && reading.at < open.end && last.at >= open.from && open.seen)
      return { ledger: within(ledger, reading, belief.flow, open), notices: NOTHING };
  }
  const notices: Notice[] = [];
  return { ledger: act(ledger, reading, belief, notices), notices };
}

function act(ledger: Ledger, reading: Reading, belief: Belief, notices: Notice[]): Ledger {
  switch (belief.kind) {
    case "ignored":
      if (belief.notice !== null) notices.push(belief.notice);
      return {
        ...ledger,
        doubt: belief.doubt,
        ignored: { ...ledger.ignored, [belief.why]: ledger.ignored[belief.why] + 1 },
      };
    case "baseline":
      notices.push(belief.notice);
      return { ...ledger, last: reading, open: halfHourFrom(reading.at, registers_wh(ledger)) };
    case "flow":
      if (belief.notice !== null) notices.push(belief.notice);
      return { ...book(ledger, reading, belief.flow, belief.flags, notices), doubt: null };
    case "rebase": {
      notices.push(belief.notice);
      const rebased = book(ledger, belief.base, NO_FLOW, ["counter"], notices);
      return { ...book(rebased, reading, belief.flow, NO_FLAGS, notices), doubt: null };
    }
  }
}

/** A half hour closes by time, not by the next reading, once its source can no longer tell what flowed in it. */
function onTick(ledger: Ledger, { at }: Tick): Turn {
  const { last, open, config } = ledger;
  if (last === null || open === null || at < open.end || at - Math.max(last.at, open.from) <= config.patience_ms)
    return { ledger, notices: NOTHING };
  const notices: Notice[] = [];
  const closed = close(ledger, open, ["partial"], notices);
  const from = Utc_ms(Math.max(open.end, Math.floor((at - config.patience_ms) / HALF_HOUR_ms) * HALF_HOUR_ms));
  return { ledger: { ...closed, open: halfHourFrom(from, registers_wh(closed), ["partial"]) }, notices };
}

/** The clock was set. A closed entry stands; energy goes on into the open half hour (facts 8a). */
function onClockStep(ledger: Ledger, step: ClockStep): Turn {
  const { last, open } = ledger;
  if (last === null || open === null) return { ledger, notices: NOTHING };
  const by_ms = step.at - step.was;
  const moved = { ...last, at: Utc_ms(last.at + by_ms) };
  const doubt = ledger.doubt === null ? null : { ...ledger.doubt, at: Utc_ms(ledger.doubt.at + by_ms) };
  const text = `the clock was set by ${by_ms} ms`;
  const notices: Notice[] = [{ kind: "event", at: step.at, code: "clock-step", text }];
  const stepped = { ...ledger, last: moved, doubt };
  if (moved.at >= open.end) {
    const closed = close(stepped, open, ["clock"], notices);
    return { ledger: { ...closed, open: halfHourFrom(moved.at, registers_wh(closed), ["clock"]) }, notices };
  }
  const crossedBack = by_ms < 0 && moved.at < open.end - HALF_HOUR_ms;
  const flags: readonly Flag[] = crossedBack || Math.abs(by_ms) > CLOCK_TOLERANCE_ms ? ["clock"] : NO_FLAGS;
  const from = moved.at < open.from ? moved.at : open.from;
  return { ledger: { ...stepped, open: { ...open, from, flags: united(open.flags, flags) } }, notices };
}

/** Books what flowed between the last reading and this one, flagging the half hours it touches. */
function book(ledger: Ledger, reading: Reading, flow: Four<number>, flags: readonly Flag[], notices: Notice[]): Ledger {
  const { last, open } = ledger;
  if (last === null || open === null) return ledger;
  const gap_ms = reading.at - last.at;
  if (reading.at <= open.from) return { ...unallocate(ledger, flow), last: reading };
  if (gap_ms > SPLIT_GAP_ms && (reading.at >= open.end || last.at < open.from))
    return acrossGap(ledger, reading, flow, flags, notices);
  if (last.at < open.from) {
    // This half hour was opened by a tick while the source was silent: what flowed before it began has no half hour.
    const before = four((q) => mulDiv(flow[q], open.from - last.at, gap_ms));
    const rest = four((q) => flow[q] - before[q]);
    const resumed = { ...unallocate(ledger, before), last: { ...last, at: open.from } };
    return book(resumed, reading, rest, flags, notices);
  }
  if (reading.at < open.end) {
    const all = united(open.flags, flags);
    return within(ledger, reading, flow, open.seen && all === open.flags ? open : { ...open, seen: true, flags: all });
  }
  const split = reading.at > open.end;
  const touched = split && gap_ms > UNFLAGGED_GAP_ms ? united(flags, ["estimated"]) : flags;
  const before = split ? four((q) => mulDiv(flow[q], open.end - last.at, gap_ms)) : flow;
  const closed = close(within(ledger, reading, before, { ...open, seen: true }), open, touched, notices, true);
  const next: OpenHalfHour = {
    from: open.end,
    end: Utc_ms(open.end + HALF_HOUR_ms),
    seen: split,
    flags: split ? touched : NO_FLAGS,
    mark_wh: registers_wh(closed),
  };
  return within(closed, reading, split ? four((q) => flow[q] - before[q]) : NO_FLOW, next);
}

/** Nothing was heard for more than half an hour: the register has the energy, no half hour has. */
function acrossGap(
  ledger: Ledger,
  reading: Reading,
  flow: Four<number>,
  flags: readonly Flag[],
  notices: Notice[],
): Ledger {
  const { open, last } = ledger;
  if (open === null || last === null) return ledger;
  const closed = close(ledger, open, united(["partial"], flags), notices);
  const after = unallocate({ ...closed, open: { ...open, mark_wh: registers_wh(closed) } }, flow);
  const minutes = Math.round((reading.at - last.at) / 60_000);
  notices.push({ kind: "event", at: reading.at, code: "gap", text: `nothing was heard for ${minutes} minutes` });
  return { ...after, last: reading, open: halfHourFrom(reading.at, registers_wh(after), flags) };
}

/** Adds a flow that stays inside the open half hour: once a second for years, so it builds its answer in one step. */
function within(ledger: Ledger, reading: Reading, flow: Four<number>, open: OpenHalfHour): Ledger {
  return {
    config: ledger.config,
    last: reading,
    doubt: ledger.doubt,
    cumulative: advanced(ledger.cumulative, flow),
    open,
    unallocated_wh: ledger.unallocated_wh,
    profile: ledger.profile,
    ignored: ledger.ignored,
  };
}

/** Adds a flow to the registers and to the unallocated account, past the open half hour. */
function unallocate(ledger: Ledger, flow: Four<number>): Ledger {
  const { open } = ledger;
  if (open === null) return ledger;
  const after = { ...ledger, cumulative: advanced(ledger.cumulative, flow) };
  const gained = four((q) => sinceMark_wh(after, registers_wh(ledger), q));
  const held = four((q) => sinceMark_wh(ledger, open.mark_wh, q));
  const register = registers_wh(after);
  return {
    ...after,
    unallocated_wh: four((q) => (ledger.unallocated_wh[q] + gained[q]) % REGISTER_SPAN_wh),
    open: { ...open, mark_wh: four((q) => register[q] - held[q]) },
  };
}

/** Writes the open half hour's entry, if any of it was seen; the caller opens the next. */
function close(
  ledger: Ledger,
  open: OpenHalfHour,
  flags: readonly Flag[],
  notices: Notice[],
  seen: boolean = open.seen,
): Ledger {
  if (!seen) return ledger;
  const measured = ledger.last?.counters;
  const entry = {
    end: open.end,
    // A source that lost its reactive quantities within the half hour still says what it had measured of them.
    wh: four((q) => sinceMark_wh(ledger, open.mark_wh, q) || (measured?.[q] == null ? null : 0)),
    flags: united(open.flags, flags),
  };
  const { profile, aged } = append(ledger.profile, entry);
  notices.push({ kind: "half-hour", entry });
  for (const one of aged) notices.push({ kind: "aged", aged: one });
  return { ...ledger, profile };
}

/** The half hour that begins at, or holds, the moment `at`; partial where its start was missed. */
function halfHourFrom(at: Utc_ms, mark_wh: Four<number>, flags: readonly Flag[] = NO_FLAGS): OpenHalfHour {
  const start = Math.floor(at / HALF_HOUR_ms) * HALF_HOUR_ms;
  const missed: readonly Flag[] = at === start ? flags : united(["partial"], flags);
  return { from: at, end: Utc_ms(start + HALF_HOUR_ms), seen: false, flags: missed, mark_wh };
}

function advanced(cumulative: Four<MicroWattHours>, flow: Four<number>): Four<MicroWattHours> {
  return [
    wrapped(cumulative[0] + flow[0]),
    wrapped(cumulative[1] + flow[1]),
    wrapped(cumulative[2] + flow[2]),
    wrapped(cumulative[3] + flow[3]),
  ];
}

function wrapped(sum_uwh: number): MicroWattHours {
  return (sum_uwh >= REGISTER_SPAN_uwh ? sum_uwh - REGISTER_SPAN_uwh : sum_uwh) as MicroWattHours;
}

/** Both sets of flags in their standard order; the same object where nothing is new. */
function united(flags: readonly Flag[], more: readonly Flag[]): readonly Flag[] {
  return more.every((flag) => flags.includes(flag))
    ? flags
    : FLAGS.filter((f) => flags.includes(f) || more.includes(f));
}
