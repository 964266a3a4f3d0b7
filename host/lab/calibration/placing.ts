// Which clamp is on the reference's conductor, and which way round, from what changed when a load came on. Shown and asked, never decided.

import { CLAMPS, type Clamp } from "./constants.js";
import type { Compared } from "./fit.js";
import { minus, over, type Phasor, size } from "./phasor.js";

export interface Place {
  readonly clamp: Clamp;
  /** By how much its power changed, W, and as a share of the reference's change. */
  readonly change_w: number;
  readonly share: number;
  readonly is: "there" | "elsewhere" | "unclear";
  /** The other way round than the constants in force have it. */
  readonly turned: boolean;
}

const THERE = 0.5;
const ELSEWHERE = 0.2;
/** No clamp and no burden are so far from what the firmware takes them for: the reference is in kW. */
const UNLIKELY = 20;

export function placesOf(nothing: Compared, load: Compared): readonly Place[] {
  const reference = minus(load.reference.power, nothing.reference.power);
  return CLAMPS.map((clamp) => {
    const change = minus(load.clamps[clamp - 1] as Phasor, nothing.clamps[clamp - 1] as Phasor);
    const share = size(change) / size(reference);
    const is = share > THERE && share < UNLIKELY ? "there" : share < ELSEWHERE ? "elsewhere" : "unclear";
    return { clamp, change_w: change.re, share, is, turned: is === "there" && over(change, reference).re < 0 };
  });
}

export interface Misplaced {
  readonly code: "reference-unlikely" | "clamp-elsewhere" | "clamp-turned" | "clamp-not-turned";
  readonly reason: string;
  readonly next: string;
}

/** Why the clamps cannot be calibrated as they are placed; null where they can. */
export function misplaced(
  places: readonly Place[],
  clamps: readonly Clamp[],
  turnRound: readonly Clamp[],
): Misplaced | null {
  for (const { clamp, is, turned, share } of places) {
    if (!clamps.includes(clamp)) continue;
    if (share >= UNLIKELY)
      return {
        code: "reference-unlikely",
        reason: `clamp ${clamp} saw ${share.toFixed(0)} times what the reference tells`,
        next: "see that the reference's numbers are W, not kW, and that it is on the clamp's conductor",
      };
    if (is !== "there") {
      const there = places.filter((place) => place.is === "there").map((place) => place.clamp);
      const saw = there.length === 0 ? "no clamp saw more" : `clamp ${there.join(" and ")} saw the load`;
      const reason = `clamp ${clamp} saw ${(100 * share).toFixed(0)} % of what the reference saw; ${saw}`;
      return {
        code: "clamp-elsewhere",
        reason,
        next: "close it around the reference's conductor, or name the clamp that is",
      };
    }
    if (turned && !turnRound.includes(clamp))
      return {
        code: "clamp-turned",
        reason: `clamp ${clamp} is the other way round than the reference`,
        next: "turn the clamp on its wire and begin again, or say that its sign is to be changed (turn_round)",
      };
    if (!turned && turnRound.includes(clamp))
      return {
        code: "clamp-not-turned",
        reason: `clamp ${clamp} shows the reference's direction already`,
        next: "leave it out of turn_round",
      };
  }
  return null;
}
