// A house at work, put together: one serial source a port, one meter, the hub if there is one.

import { randomInt } from "node:crypto";
import { SerialSource } from "../adapters/board/serial-source.js";
import { hasKeys, houseKeyring, keysAside } from "../adapters/keys/house-keys.js";
import type { Keyring } from "../gbcs/keyring.js";
import { Utc_ms } from "../ledger/units.js";
import { Meter } from "../meter/meter.js";
import { StandingWatch } from "../meter/standing-watch.js";
import type { Clock } from "../ports/clock.js";
import type { HubLink } from "../ports/hub-link.js";
import type { Store } from "../ports/store.js";
import type { Command } from "../wire/board/messages.js";
import type { House } from "./config.js";
import { IDENTITY } from "./identity.js";
import { refuse } from "./refusal.js";

/** A clamp board remembers at least 24 half hours: its half hours may stay open for as long (link.md). */
export const BOARD_MEMORY_ms = 12 * 3_600_000;

/** When work on this program began: a clock that shows less, as one that woke in 1970, is Invalid. */
const BUILT = Utc_ms(Date.UTC(2026, 0, 1));

export interface Running {
  readonly meter: Meter;
  readonly sources: readonly SerialSource[];
}

/** The keys of the house in that directory; null before `esme commission`. Keys that are broken are never gone without. */
export function keyringIn(data: string): Keyring | null {
  const aside = keysAside(data);
  if (aside !== null) return refuse(aside);
  if (!hasKeys(data)) return null;
  const read = houseKeyring(data);
  return read.ok ? read.keyring : refuse(read);
}

export function startHouse(
  house: House,
  store: Store,
  clock: Clock,
  hub: HubLink | null,
  keyring: Keyring | null,
): Running {
  const boards = house.sources.flatMap(({ device }) => (device.kind === "board" ? [device.port] : []));
  const inputs = [...new Set(boards)].map((port) => {
    const feeds = house.sources.filter(({ device }) => device.kind === "board" && device.port === port);
    return { source: new SerialSource(port, clock, settingsOf(feeds)), feeds, patience_ms: BOARD_MEMORY_ms };
  });
  const { fuse_w, commitEvery_ms } = house;
  const randomisedOffsetNumber = randomInt(1, 10_001);
  const meter = new Meter({
    clock,
    store,
    inputs,
    hub,
    fuse_w,
    commitEvery_ms,
    configured: { ...IDENTITY, ...house.sections },
    randomisedOffsetNumber,
    clockMaster: house.clock,
    built: BUILT,
    ...(keyring === null ? {} : { keyring }),
  });
  const watch = new StandingWatch(house.sources, (text) => meter.remark(text));
  meter.watch((notice, name) => {
    if (notice.kind === "half-hour") watch.closed(name, notice.entry);
  });
  meter.start();
  return { meter, sources: inputs.map((input) => input.source) };
}

/** How a board is to measure for its feeds: its window, and which clamps its sum is of. */
function settingsOf(feeds: House["sources"]): readonly Command[] {
  const cycles = feeds
    .map(({ device }) => (device.kind === "board" ? device.windowCycles : null))
    .find((one) => one !== null);
  const phases = feeds.find((feed) => feed.phases !== undefined)?.phases;
  const mask = (phases ?? []).reduce((bits, clamp) => bits | (1 << (clamp - 1)), 0);
  return [
    ...(cycles == null ? [] : [{ kind: "window" as const, cycles }]),
    ...(phases === undefined ? [] : [{ kind: "clampSet" as const, mask }]),
  ];
}
