// The sources of esme.yaml as feeds of the meter: what each measures on which board, and whether they agree among themselves.

import type { NettingRule } from "../ledger/netting.js";
import { channelsOf, type Feed } from "../meter/gathering.js";
import type { HouseConfig } from "./config-schema.js";

export type HouseSource = Feed & { readonly port: string; readonly windowCycles: number | null };
export type Mistake = (place: readonly PropertyKey[], rule: string) => never;

/** The board's channel that counts the sum of its clamps by its window. */
const SUM = 4;

type Source = HouseConfig["sources"][number];

/** In the order of the file; a grid on boards of its own has a feed for each phase. */
export function feedsOf(config: HouseConfig, mistake: Mistake): readonly HouseSource[] {
  const { sources } = config;
  const rule = config.meter?.netting ?? "net";
  const feeds: HouseSource[] = [];
  sources.forEach((source, k) => {
    const place = ["sources", k];
    if (sources.findIndex((other) => other.name === source.name) < k)
      mistake(place, `two sources are called ${source.name}`);
    for (const feed of ofOne(source, rule, (key, why) => mistake(key === "" ? place : [...place, key], why))) {
      const own = channelsOf(feed);
      if (new Set(own).size < own.length) mistake(place, "a clamp stands there twice");
      const taken = feeds.find(
        (other) => other.port === feed.port && channelsOf(other).some((one) => own.includes(one)),
      );
      if (taken !== undefined) mistake(place, `${taken.name} has that channel of ${feed.port} already`);
      feeds.push(feed);
    }
  });
  const grids = sources.filter((source) => source.role === "grid").length;
  if (grids !== 1) mistake(["sources"], `exactly one source has the role grid, not ${grids}`);
  return feeds;
}

function ofOne(
  source: Source,
  rule: NettingRule,
  mistake: (key: string, rule: string) => never,
): readonly HouseSource[] {
  const { name, role, port, channel, phases, boards, secondary } = source;
  const windowCycles = source.window_cycles ?? null;
  if ((phases ?? boards ?? secondary) !== undefined && role !== "grid")
    mistake("", "only the grid has phases or a secondary element");
  if (boards !== undefined) {
    if ((port ?? channel ?? phases ?? secondary) !== undefined) mistake("boards", "stands instead of port and channel");
    const of = boards.length;
    return boards.map((board, number) => ({ name, role, ...board, phase: { number, of }, rule, windowCycles }));
  }
  if (port === undefined) return mistake("", "name its port");
  if (phases !== undefined) {
    if ((channel ?? SUM) !== SUM) mistake("channel", "with phases the channel is 4, their sum");
    if (secondary !== undefined) mistake("secondary", "a meter has phases or a secondary element, not both");
    return [{ name, role, port, channel: SUM, phases, rule, windowCycles }];
  }
  if (channel === undefined) return mistake("", "name its channel, or its phases");
  return [{ name, role, port, channel, ...(secondary === undefined ? {} : { secondary }), windowCycles }];
}
