// A house at work, put together: one serial source a port, one meter, the hub if there is one.

import { SerialSource } from "../adapters/board/serial-source.js";
import type { Feed } from "../meter/gathering.js";
import { Meter } from "../meter/meter.js";
import type { Clock } from "../ports/clock.js";
import type { HubLink } from "../ports/hub-link.js";
import type { Store } from "../ports/store.js";
import type { House } from "./config.js";

/** A clamp board remembers at least 24 half hours: its half hours may stay open for as long (link.md). */
export const BOARD_MEMORY_ms = 12 * 3_600_000;

export interface Running {
  readonly meter: Meter;
  readonly sources: readonly SerialSource[];
}

export function startHouse(house: House, store: Store, clock: Clock, hub: HubLink | null): Running {
  const ports = [...new Set(house.sources.map((source) => source.port))];
  const inputs = ports.map((port) => {
    const feeds: Feed[] = house.sources.filter((source) => source.port === port);
    return { source: new SerialSource(port, clock), feeds, patience_ms: BOARD_MEMORY_ms };
  });
  const { fuse_w, commitEvery_ms } = house;
  const meter = new Meter({ clock, store, inputs, hub, fuse_w, commitEvery_ms });
  meter.start();
  return { meter, sources: inputs.map((input) => input.source) };
}
