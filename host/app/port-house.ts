// A house as its boards really are: a channel that is not there (an ADE7953 has two) tells 0 for ever. With --port it gets no ledger; a
// configuration that names it is refused.

import { channelsOf } from "../meter/gathering.js";
import type { House } from "./config/house.js";
import { refuse } from "./refusal.js";

/** What is known of the board at the port: the kinds of its channels, where it was just asked; else the ledgers that the house has. */
export type Known =
  | { readonly kind: "asked"; readonly kinds: readonly string[] }
  | { readonly kind: "metered"; readonly ledgers: readonly string[] };

export function asTheBoardIs(house: House, known: Known): House {
  const { sources } = house;
  if (known.kind === "asked")
    return { ...house, sources: sources.filter(({ channel }) => isThere(known.kinds, channel)) };
  const kept = sources.filter(({ name }) => known.ledgers.includes(name));
  // With the grid alone it was begun by other means, as a replay, and nothing is known of its board.
  return kept.length > 1 ? { ...house, sources: kept } : house;
}

/** Of a configuration: what it names must be there. */
export function refuseMissingChannel(house: House, port: string, kinds: readonly string[]): void {
  for (const source of house.sources) {
    const { name, device } = source;
    if (device.kind !== "board" || device.port !== port) continue;
    const missing = channelsOf(source).find((channel) => !isThere(kinds, channel));
    if (missing === undefined) continue;
    const there = kinds.flatMap((kind, channel) => (channel > 0 && kind !== "none" ? [channel] : []));
    refuse({
      code: "no-such-channel",
      reason: `${name} is channel ${missing} of the board at ${port}, which has channels ${there.join(", ")}`,
      next: "correct the channel in esme.yaml",
    });
  }
}

function isThere(kinds: readonly string[], channel: number): boolean {
  const kind = kinds[channel];
  return kind !== undefined && kind !== "none";
}
