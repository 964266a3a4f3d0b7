// One line of the bench's table: a figure, what it is compared with, the ratio of the two, and what was aimed at.

export interface Row {
  readonly what: string;
  readonly figure: number;
  readonly unit: string;
  readonly against: string;
  /** In the same unit. */
  readonly peer: number;
  /** figure / peer. */
  readonly ratio: number;
  /** Null where the row only informs. */
  readonly aim: { readonly text: string; readonly met: boolean } | null;
  /** How many runs the medians are of; 1 where the figure is counted, not timed. */
  readonly runs: number;
}

export const HEAD = ["what", "figure", "compared with", "its figure", "ratio", "aim", "met", "runs"];

export function row(
  what: string,
  unit: string,
  [figure, runs]: readonly [figure: number, runs: number],
  [against, peer]: readonly [against: string, peer: number],
  aim?: readonly [text: string, met: boolean],
): Row {
  const aimed = aim === undefined ? null : { text: aim[0], met: aim[1] };
  return { what, figure, unit, against, peer, ratio: figure / peer, aim: aimed, runs };
}

export function cells({ what, figure, unit, against, peer, ratio, aim, runs }: Row): string[] {
  const met = aim === null ? "-" : aim.met ? "yes" : "NO";
  const [ours, theirs] = [`${short(figure)} ${unit}`, `${short(peer)} ${unit}`];
  return [what, ours, against, theirs, short(ratio), aim?.text ?? "-", met, String(runs)];
}

/** The middle one of an odd number of values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Three figures that count, with thousands set apart. */
function short(value: number): string {
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en-GB", {
    minimumFractionDigits: Math.min(decimals, 3),
    maximumFractionDigits: Math.min(decimals, 3),
  });
}
