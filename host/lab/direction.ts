// Which way round each source is, from what its power did when a kettle was switched on and when the sun was covered. Judges only; nothing
// is turned here (docs/spec/doctor.md, "Which way round").

export type Step = "kettle" | "sun";

export interface WatchedSource {
  readonly name: string;
  /** Of a check: the role of the source beside which it stands. */
  readonly role: "grid" | "generation" | "load" | "battery";
  /** Why it cannot tell import from export; null where it can. */
  readonly blind: string | null;
  /** How it is turned: a clamp by hand, another device by its `reversed` key, which is set or not. */
  readonly turns: "clamp" | { readonly reversed: boolean };
}

/** The powers of each source in a window, W, positive = import (of a generator: what it makes). */
export type Powers = ReadonlyMap<string, readonly number[]>;

export interface Seen {
  readonly step: Step;
  readonly before: Powers;
  readonly after: Powers;
}

export interface Change {
  readonly before_w: number;
  readonly after_w: number;
  /** Half the range of the middle three quarters, the greater of the two windows'. */
  readonly spread_w: number;
}

export interface Judgement {
  readonly name: string;
  readonly role: WatchedSource["role"];
  readonly verdict: "right" | "turned" | "elsewhere" | "unknown";
  readonly reason: string;
  readonly next: string | null;
}

const LEAST_w = 300;
const LEAST_KETTLE_w = 500;
const OVER_SPREAD = 4;
/** Fewer readings than this in a window are none. */
const LEAST_READINGS = 3;
/** What else in the house is switched meanwhile must not be taken for the step. */
const LIKE = { least: 0.5, most: 1.6 };

export function changeOf({ before, after }: Seen, name: string): Change | null {
  const [one, two] = [before.get(name) ?? [], after.get(name) ?? []];
  if (one.length < LEAST_READINGS || two.length < LEAST_READINGS) return null;
  return { before_w: median(one), after_w: median(two), spread_w: Math.max(spread(one), spread(two)) };
}

/** Whether it moved, beyond what it moves by itself. */
function isClear(change: Change | null): change is Change {
  return change !== null && Math.abs(moved(change)) >= Math.max(LEAST_w, OVER_SPREAD * change.spread_w);
}

/** Whether anything can be told from a step: somebody must have seen it. */
export function counts(seen: Seen, sources: readonly WatchedSource[]): boolean {
  return sources.some(({ name, role }) => role !== "battery" && isClear(changeOf(seen, name)));
}

/** `kettle_w`: what it takes, where somebody knows. */
export function judge(
  sources: readonly WatchedSource[],
  steps: readonly Seen[],
  kettle_w: number | null,
): readonly Judgement[] {
  const kettle = steps.find(({ step }) => step === "kettle") ?? null;
  const sun = steps.find(({ step }) => step === "sun") ?? null;
  const load_w = kettle === null ? null : (kettle_w ?? kettleOf(kettle, sources));
  const lost_w = sun === null ? null : lostOf(sun, sources);
  const answered =
    kettle !== null && sources.some((one) => one.role === "battery" && isClear(changeOf(kettle, one.name)));
  return sources.map((source) => {
    const { name, role, blind } = source;
    const unknown = (reason: string, next: string | null) =>
      ({ name, role, verdict: "unknown", reason, next }) as const;
    if (role === "battery")
      return unknown("a battery answers the kettle by itself", "switch it off and do it again as a load");
    if (blind !== null) return unknown(blind, null);
    const change = kettle === null ? null : changeOf(kettle, name);
    const shade = sun === null ? null : changeOf(sun, name);
    if (change === null && shade === null) return unknown("it told no power", "see that it is metered: `esme doctor`");
    if (role === "generation") return ofGeneration(source, change, shade, load_w);
    const votes = [vote(change, load_w), role === "grid" ? vote(shade, lost_w) : null].filter((one) => one !== null);
    const [first] = votes;
    if (votes.some((one) => one !== first))
      return unknown("the kettle and the sun point opposite ways: something else was switched", "do it again");
    if (first !== undefined) return first > 0 ? right(source) : turned(source);
    if (answered && role === "grid" && !isClear(change))
      return unknown("a battery answered the kettle", "switch the battery off, and do it again");
    return unmoved(source, load_w, change);
  });
}

/** +1: as it should; -1: the other way; null: it says nothing. */
function vote(change: Change | null, expected_w: number | null): 1 | -1 | null {
  if (!isClear(change) || expected_w === null) return null;
  const share = Math.abs(moved(change)) / expected_w;
  return share < LIKE.least || share > LIKE.most ? null : moved(change) > 0 ? 1 : -1;
}

function ofGeneration(
  source: WatchedSource,
  change: Change | null,
  shade: Change | null,
  load_w: number | null,
): Judgement {
  const { name, role } = source;
  if (vote(change, load_w) !== null) {
    const reason = "it moves with the kettle: it is on the grid's conductor or a load's, not on the inverter's";
    return { name, role, verdict: "elsewhere", reason, next: "put its clamp round the inverter's own live conductor" };
  }
  const unknown = (reason: string, next: string): Judgement => ({ name, role, verdict: "unknown", reason, next });
  if (shade === null) return unknown("the sun was not covered", "do that step in daylight");
  const made = watts(shade.before_w);
  if (!isClear(shade)) return unknown(`it made ${made}: too little to tell`, "do that step when the sun shines");
  if (Math.abs(shade.after_w) > Math.max(LEAST_w / 3, Math.abs(shade.before_w) / 2))
    return unknown("covered, it did not go to nothing", "switch the inverter off instead, and do it again");
  return shade.before_w > 0 ? right(source) : turned(source);
}

function unmoved({ name, role }: WatchedSource, load_w: number | null, change: Change | null): Judgement {
  if (load_w === null || change === null)
    return { name, role, verdict: "unknown", reason: "nothing moved enough to tell", next: "take a greater load" };
  if (isClear(change)) {
    const reason = `it moved by ${watts(moved(change))}, the kettle takes ${watts(load_w)}: something else was switched`;
    return { name, role, verdict: "unknown", reason, next: "do it again" };
  }
  const reason = "the kettle does not show on it";
  const next =
    role === "grid"
      ? "put its clamp round the live tail between the company's meter and the consumer unit"
      : "if it ought to, its clamp is on another conductor; else plug the kettle into a socket of its own";
  return { name, role, verdict: "elsewhere", reason, next };
}

function right({ name, role }: WatchedSource): Judgement {
  return { name, role, verdict: "right", reason: "it is the right way round", next: null };
}

function turned({ name, role, turns }: WatchedSource): Judgement {
  const reason = role === "generation" ? "what it makes reads as export" : "what is taken reads as export";
  const next =
    turns === "clamp"
      ? `switch off, take the clamp of ${name} off, turn it round on its conductor, and do it again`
      : turns.reversed
        ? `remove \`reversed: true\` of ${name} in esme.yaml`
        : `write \`reversed: true\` for ${name} in esme.yaml, or change its wires`;
  return { name, role, verdict: "turned", reason, next };
}

/** What the grid says the kettle takes; else the greatest change of any load. */
function kettleOf(seen: Seen, sources: readonly WatchedSource[]): number | null {
  const changes = (role: string) =>
    sources.flatMap((source) => {
      const change = source.role === role ? changeOf(seen, source.name) : null;
      return isClear(change) ? [Math.abs(moved(change))] : [];
    });
  const [grid] = changes("grid");
  const most = grid ?? Math.max(0, ...changes("load"));
  return most >= LEAST_KETTLE_w ? most : null;
}

/** What generation lost, whichever way it reads; where nobody measures it, what the grid moved by. */
function lostOf(seen: Seen, sources: readonly WatchedSource[]): number | null {
  const moves = (role: string) =>
    sources.flatMap(({ name, role: own }) => {
      const change = own === role ? changeOf(seen, name) : null;
      return isClear(change) ? [Math.abs(moved(change))] : [];
    });
  const lost_w = moves("generation").reduce((sum, one) => sum + one, 0);
  if (lost_w > 0) return lost_w;
  const measured = sources.some(({ role }) => role === "generation");
  return measured ? null : (moves("grid")[0] ?? null);
}

function moved({ before_w, after_w }: Change): number {
  return after_w - before_w;
}

function watts(w: number): string {
  return `${Math.round(w)} W`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

function spread(values: readonly number[]): number {
  const cut = Math.floor(values.length / 8);
  const sorted = [...values].sort((a, b) => a - b).slice(cut, values.length - cut);
  return ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) / 2;
}
