// A board with a metering IC: which image it runs, which parts stand around its IC, and which channels it has.
import type { World } from "../mains.js";
import { type IcKind, MeteringIc } from "./metering-ic.js";
import { EXACT_PARTS, ordinaryParts } from "./parts.js";

export const BOARD_KINDS = ["clamp", "atm90e32", "ade7953"] as const;
export type BoardKind = (typeof BOARD_KINDS)[number];

/** The image that would be flashed; the same path from host/ and from dist/host/. */
export function prebuiltImage(kind: BoardKind): URL {
  const root = import.meta.url.includes("/dist/") ? "../../../.." : "../../..";
  return new URL(`${root}/firmware/prebuilt/esme-${kind}-uno.hex`, import.meta.url);
}

/** The clamps of the house that channel 4 sums: an ADE7953 has two. */
export function clampSetOf(kind: BoardKind): number {
  return kind === "ade7953" ? 3 : 7;
}

export function icIn(world: World, kind: IcKind, like: "ordinary" | "ideal", seed: number): MeteringIc {
  return new MeteringIc(kind, world, like === "ideal" ? EXACT_PARTS : ordinaryParts(seed), seed);
}
