// A house at work, put together: its devices, one meter, the watch over it, the hub if there is one.

import { randomInt } from "node:crypto";
import { hasKeys, houseKeyring, keysAside } from "../adapters/keys/house-keys.js";
import type { FrontPanel } from "../adapters/panel/front-panel.js";
import type { Keyring } from "../gbcs/keyring.js";
import type { Ledger } from "../ledger/ledger.js";
import { type HalfHour, keptWithin } from "../ledger/profile.js";
import { Utc_ms } from "../ledger/units.js";
import { Meter } from "../meter/meter.js";
import { StandingWatch } from "../meter/standing-watch.js";
import type { Clock } from "../ports/clock.js";
import type { HubLink } from "../ports/hub-link.js";
import type { Store } from "../ports/store.js";
import type { House } from "./config/house.js";
import { devicesOf, type HouseDevice } from "./devices.js";
import { IDENTITY } from "./identity.js";
import { oldAfter_ms, panelView } from "./panel-view.js";
import { refuse } from "./refusal.js";

/** When work on this program began: a clock that shows less, as one that woke in 1970, is Invalid. */
const BUILT = Utc_ms(Date.UTC(2026, 0, 1));

export interface Running {
  readonly meter: Meter;
  /** In the order of the meter's inputs. */
  readonly devices: readonly HouseDevice[];
  /** Ends what the front panel shows, and opens its relay. */
  readonly stopFace: () => Promise<void>;
}

/** The keys of the house in that directory; null before `esme commission`. Keys that are broken are never gone without. */
export function keyringIn(data: string): Keyring | null {
  const aside = keysAside(data);
  if (aside !== null) return refuse(aside);
  if (!hasKeys(data)) return null;
  const read = houseKeyring(data);
  return read.ok ? read.keyring : refuse(read);
}

/** `remarked`: what the watch has told lately, before this process. */
export function startHouse(
  house: House,
  store: Store,
  clock: Clock,
  hub: HubLink | null,
  keyring: Keyring | null,
  remarked: readonly string[] = [],
): Running {
  const { devices, panel } = devicesOf(house, clock);
  const { fuse_w, commitEvery_ms } = house;
  const randomisedOffsetNumber = randomInt(1, 10_001);
  const meter = new Meter({
    clock,
    store,
    inputs: devices,
    hub,
    fuse_w,
    commitEvery_ms,
    configured: { ...IDENTITY, ...house.sections },
    randomisedOffsetNumber,
    clockMaster: house.clock,
    built: BUILT,
    ...(keyring === null ? {} : { keyring }),
    ...(panel === null ? {} : { supplySwitch: panel }),
  });
  const watch = new StandingWatch(
    house.sources,
    (name, end) => entryOf(meter.view().ledgers.get(name)?.ledger, end),
    (text) => meter.remark(text),
    remarked,
  );
  meter.watch((notice, name) => {
    if (notice.kind === "half-hour") watch.closed(name, notice.entry.end);
  });
  meter.start();
  return {
    meter,
    devices,
    stopFace:
      panel === null ? () => Promise.resolve() : facing(panel, meter, clock, store.name, oldAfter_ms(house.sources)),
  };
}

function entryOf(ledger: Ledger | undefined, end: Utc_ms): HalfHour | null {
  return ledger === undefined ? null : (keptWithin(ledger.profile, end, end).at(-1) ?? null);
}

/** The face shows the meter once a second, until it is told to end. */
function facing(panel: FrontPanel, meter: Meter, clock: Clock, name: string, old_ms: number): () => Promise<void> {
  panel.start();
  const end = clock.every(1_000, () => {
    const view = panelView(meter.view(), clock.utc(), clock.mono(), name, old_ms);
    if (view !== null) panel.show(view);
  });
  return () => {
    end();
    return panel.stop();
  };
}
