// Several channels of one board that are one boundary: the phases of a polyphase meter, the elements of a twin one. They become one reading
// when all of them have told of the same moment; a moment of which one is missing is passed over, for counters are cumulative.

import type { Count } from "../ledger/events.js";
import { type Counted, chosen, countsOf, type NettingRule, twin } from "../ledger/netting.js";
import type { Role } from "../ports/store.js";

/** A ledger's place in the house: which channels of which source feed it. */
export interface Feed {
  readonly name: string;
  readonly role: Role;
  /** Of a check: the source beside which it stands on the same conductor. */
  readonly checkOf?: string;
  /** The channel that counts the flow; of a polyphase source the one that counts the sum of its phases by the board's window. */
  readonly channel: number;
  /** The channels of the phases: a polyphase meter (variant C). */
  readonly phases?: readonly number[];
  /** A phase whose siblings other boards measure: its number from 0, of so many. */
  readonly phase?: { readonly number: number; readonly of: number };
  /** How the phases become one flow; the other rules are accounted beside it. */
  readonly rule?: NettingRule;
  /** The channel of the secondary element: a twin-element meter (variant B). */
  readonly secondary?: number;
}

/** What has been told of the newest moment. */
export interface Gathering {
  readonly moment: string;
  readonly told: ReadonlyMap<number, Counted>;
}

export type Whole = Counted & { readonly beside?: readonly Count[] };

export const NOTHING_GATHERED: Gathering = { moment: "", told: new Map() };

export function channelsOf(feed: Feed): readonly number[] {
  return [feed.channel, ...(feed.phases ?? []), ...(feed.secondary === undefined ? [] : [feed.secondary])];
}

/** `moment` names boot and time: only what was told of the same one belongs together. */
export function gathered(
  before: Gathering,
  feed: Feed,
  moment: string,
  channel: number,
  counted: Counted,
): { readonly gathering: Gathering; readonly whole: Whole | null } {
  if (feed.phases === undefined && feed.secondary === undefined) return { gathering: before, whole: counted };
  const told = new Map(before.moment === moment ? before.told : []).set(channel, counted);
  return { gathering: { moment, told }, whole: wholeOf(feed, told) };
}

function wholeOf(feed: Feed, told: ReadonlyMap<number, Counted>): Whole | null {
  const main = told.get(feed.channel);
  if (main === undefined) return null;
  if (feed.phases !== undefined) {
    const phases = feed.phases.flatMap((channel) => told.get(channel) ?? []);
    return phases.length < feed.phases.length ? null : chosen(countsOf(phases, main), feed.rule ?? "net");
  }
  const secondary = told.get(feed.secondary ?? -1);
  return secondary === undefined ? null : twin(main, secondary);
}
