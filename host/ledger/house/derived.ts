// What follows from the boundaries of a house for one half hour: self-consumption and consumption, with how well the sources close.
// Derived, never kept. docs/spec/boundaries.md.

import type { HalfHour } from "../profile.js";

/** What of a half hour each source has told; null where it has no entry. Checks are not among them. */
export interface BoundaryHalfHour {
  readonly role: "grid" | "generation" | "load" | "battery";
  readonly name: string;
  readonly entry: HalfHour | null;
}

export interface Derived {
  /** Wh; null where an entry is missing, or where no source measures what generated. */
  readonly generation_wh: number | null;
  readonly selfConsumption_wh: number | null;
  readonly consumption_wh: number | null;
  /** By how much the half hour says what cannot be, Wh; 0 where it does not. */
  readonly closure_wh: number | null;
  /** The sums are off by less than this from whole Wh alone. */
  readonly within_wh: number;
}

/** All sources of one half hour together. Without generation nothing is self-consumed, and consumption is what the grid gave. */
export function derived(sources: readonly BoundaryHalfHour[]): Derived {
  const grid = flowOf(sources, "grid");
  const generation = flowOf(sources, "generation");
  const measured = sources.some(({ role }) => role === "generation");
  const generation_wh = measured && generation !== null ? generation.import_wh - generation.export_wh : null;
  return {
    generation_wh,
    selfConsumption_wh: generation_wh === null || grid === null ? null : generation_wh - grid.export_wh,
    ...used(sources, grid, generation),
    within_wh: 2 * sources.length,
  };
}

/** What the house used, and how well that closes: both need the grid, generation and battery. */
function used(
  sources: readonly BoundaryHalfHour[],
  grid: Flowed | null,
  generation: Flowed | null,
): Pick<Derived, "consumption_wh" | "closure_wh"> {
  const battery = flowOf(sources, "battery");
  const loads = flowOf(sources, "load");
  if (grid === null || generation === null || battery === null) return { consumption_wh: null, closure_wh: null };
  const generated_wh = generation.import_wh - generation.export_wh;
  const consumption_wh = grid.import_wh + generated_wh - grid.export_wh + battery.export_wh - battery.import_wh;
  const measured = sources.some(({ role }) => role === "generation");
  // What a battery gives back may be exported: then only consumption can tell what cannot be.
  const stored = sources.some(({ role }) => role === "battery");
  const overExported = !measured || stored ? 0 : grid.export_wh - generated_wh;
  const closes = measured || stored;
  const underUsed = loads === null ? null : loads.import_wh - loads.export_wh - consumption_wh;
  return {
    // What is exported was generated: where nothing measures that, nobody knows how much of it the house used.
    consumption_wh: closes || grid.export_wh === 0 ? consumption_wh : null,
    closure_wh: underUsed === null ? null : Math.max(0, overExported, closes ? underUsed : 0),
  };
}

interface Flowed {
  readonly import_wh: number;
  readonly export_wh: number;
}

/** The sum of all sources of a role, 0 without any; null where one of them does not know. */
function flowOf(sources: readonly BoundaryHalfHour[], role: BoundaryHalfHour["role"]): Flowed | null {
  let [import_wh, export_wh] = [0, 0];
  for (const source of sources) {
    if (source.role !== role) continue;
    const [imported, exported] = source.entry?.wh ?? [null, null];
    if (imported === null || exported === null) return null;
    import_wh += imported;
    export_wh += exported;
  }
  return { import_wh, export_wh };
}
