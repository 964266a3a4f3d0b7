// The sources of esme.yaml as feeds of the meter: what each measures with which device, and whether they agree among themselves.

import type { NettingRule } from "../../ledger/netting.js";
import { channelsOf, type Feed } from "../../meter/gathering.js";
import type { Model } from "../../models/model.js";
import { duration_ms } from "../words.js";
import type { Mistake } from "../yaml-file.js";
import { type Device, keyOf, placeOf, withoutDirection } from "./devices.js";
import { modbusOf, nettingNote, nettingOf, speedNote } from "./modbus.js";
import type { BoardSource, HouseConfig } from "./schema.js";
import { serialIcOf } from "./serial-ic.js";

export type HouseSource = Feed & { readonly device: Device };

/** The board's channel that counts the sum of its clamps by its window. */
const SUM = 4;

type Source = HouseConfig["sources"][number];

/** In the order of the file; a grid on boards of its own has a feed for each phase. `notes` are what its owner ought to know. */
export function feedsOf(
  config: HouseConfig,
  models: ReadonlyMap<string, Model>,
  mistake: Mistake,
): { readonly sources: readonly HouseSource[]; readonly notes: readonly string[] } {
  const { sources } = config;
  const rule = config.meter?.netting ?? "net";
  const feeds: HouseSource[] = [];
  const notes: string[] = [];
  sources.forEach((source, k) => {
    const place = ["sources", k];
    if (sources.findIndex((other) => other.name === source.name) < k)
      mistake(place, `two sources are called ${source.name}`);
    checkOf(source, sources, (key, why) => mistake([...place, key], why));
    for (const feed of ofOne(source, rule, models, (key, why) => mistake(key === "" ? place : [...place, key], why))) {
      const own = channelsOf(feed);
      if (new Set(own).size < own.length) mistake(place, "a clamp stands there twice");
      for (const other of feeds) clash(feed, other, (why) => mistake(place, why));
      feeds.push(feed);
      const unheard = feed.device.kind === "modbus" ? speedNote(feed.device) : null;
      if (unheard !== null) notes.push(`${feed.name}: ${unheard}`);
      const blind = withoutDirection(feed.device);
      if (feed.role === "grid" && feed.device.kind === "modbus")
        notes.push(...ownNetting(feed.device.model, config, mistake));
      if (blind === null) continue;
      if (turnsRound(feed.device)) mistake([...place, "reversed"], `${blind}: there is nothing to turn round`);
      if (feed.role === "grid")
        mistake([...place, "role"], `${blind}: it cannot stand at the grid; as generation, load or battery it may`);
      notes.push(`${feed.name}: ${blind}; all that flows there is counted as import`);
    }
  });
  const grids = sources.flatMap((source, k) => (source.role === "grid" ? [k] : []));
  const second = grids[1];
  const many = `exactly one source has the role grid, not ${grids.length}`;
  if (grids.length === 0) mistake(["sources"], many);
  if (second !== undefined)
    mistake(["sources", second, "role"], `${many}; one beside another has the role check, and check_of: its name`);
  return { sources: feeds, notes };
}

/** A polyphase meter nets by itself: another rule cannot be asked of it. */
function ownNetting(model: Model, config: HouseConfig, mistake: Mistake): readonly string[] {
  const note = nettingNote(model);
  if (note === null) return [];
  const own = nettingOf(model);
  const asked = config.meter?.netting;
  if (asked !== undefined && asked !== own) mistake(["meter", "netting"], `${note}; leave it out`);
  return [note];
}

function turnsRound(device: Device): boolean {
  return (device.kind === "modbus" || device.kind === "serial-ic") && device.reversed;
}

/** A check stands beside another source, and nothing else does. */
function checkOf(source: Source, sources: readonly Source[], mistake: (key: string, rule: string) => never): void {
  const { role, check_of, name } = source;
  if (role !== "check") {
    if (check_of !== undefined) mistake("check_of", "only a source with the role check stands beside another");
    return;
  }
  if (check_of === undefined) mistake("role", "a check says in check_of beside which source it stands");
  const other = sources.find((one) => one.name === check_of);
  if (other === undefined || other.name === name) mistake("check_of", `there is no other source called ${check_of}`);
  else if (other.role === "check") mistake("check_of", `${check_of} is a check itself`);
}

/** Two sources may share a board by its channels, a bus by its addresses, and a second board by its pins: nothing else. */
function clash(feed: HouseSource, other: HouseSource, mistake: (rule: string) => never): void {
  const [one, two] = [feed.device, other.device];
  if (placeOf(one) !== placeOf(two)) return;
  if (one.kind !== two.kind) mistake(`${other.name} has ${placeOf(one)} already, with another kind of device`);
  if (one.kind === "modbus" && two.kind === "modbus") {
    const same = JSON.stringify(one.place) === JSON.stringify(two.place);
    if (!same) mistake(`${other.name} has ${placeOf(one)} already, at another speed, parity or framing`);
    if (one.address === two.address) mistake(`${other.name} has address ${one.address} of ${placeOf(one)} already`);
    return;
  }
  if (one.kind === "board") {
    const own = channelsOf(feed);
    if (channelsOf(other).some((channel) => own.includes(channel)))
      mistake(`${other.name} has that channel of ${placeOf(one)} already`);
    return;
  }
  if (keyOf(one) === keyOf(two)) mistake(`${other.name} has ${keyOf(one)} already`);
}

function ofOne(
  source: Source,
  rule: NettingRule,
  models: ReadonlyMap<string, Model>,
  mistake: (key: string, rule: string) => never,
): readonly HouseSource[] {
  const { name, role, check_of } = source;
  const where = { name, role, ...(check_of === undefined ? {} : { checkOf: check_of }) };
  const only = (device: Device): readonly HouseSource[] => [{ ...where, channel: 1, device }];
  switch (source.kind) {
    case "clamp-board":
    case "ic-board":
      return ofBoard(source, where, rule, mistake);
    case "modbus":
      return only(modbusOf(source, models, mistake));
    case "serial-ic":
      return only(serialIcOf(source, mistake));
    case "pulses": {
      const { port, pin, imp_per_kwh, min_on, min_off } = source;
      const ms = (key: "min_on" | "min_off", text: string | undefined) => {
        const value = text === undefined ? null : duration_ms(text);
        return value !== null && (value < 1 || value > 1_000) ? mistake(key, "lies between 1ms and 1s") : value;
      };
      const [minOn_ms, minOff_ms] = [ms("min_on", min_on), ms("min_off", min_off)];
      return only({ kind: "pulses", port, pin, impPerKwh: imp_per_kwh, minOn_ms, minOff_ms });
    }
  }
}

function ofBoard(
  source: BoardSource,
  where: Pick<Feed, "name" | "role" | "checkOf">,
  rule: NettingRule,
  mistake: (key: string, rule: string) => never,
): readonly HouseSource[] {
  const { role, port, channel, phases, boards, secondary } = source;
  const windowCycles = source.window_cycles ?? null;
  const on = (board: string): Device => ({ kind: "board", port: board, windowCycles });
  if ((phases ?? boards ?? secondary) !== undefined && role !== "grid")
    mistake("", "only the grid has phases or a secondary element");
  if (boards !== undefined) {
    if ((port ?? channel ?? phases ?? secondary) !== undefined) mistake("boards", "stands instead of port and channel");
    const of = boards.length;
    return boards.map(({ port, channel }, number) => ({
      ...where,
      channel,
      phase: { number, of },
      rule,
      device: on(port),
    }));
  }
  if (port === undefined) return mistake("", "name its port");
  const device = on(port);
  if (phases !== undefined) {
    if ((channel ?? SUM) !== SUM) mistake("channel", "with phases the channel is 4, their sum");
    if (secondary !== undefined) mistake("secondary", "a meter has phases or a secondary element, not both");
    return [{ ...where, channel: SUM, phases, rule, device }];
  }
  if (channel === undefined) return mistake("", "name its channel, or its phases");
  return [{ ...where, channel, ...(secondary === undefined ? {} : { secondary }), device }];
}
