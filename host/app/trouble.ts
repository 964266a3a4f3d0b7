// What is the trouble with a house at work, a sentence for each thing: a device that does not answer is no data with an age, never a
// value.

import type { Utc_ms } from "../ledger/units.js";
import type { MeterView } from "../meter/options.js";
import type { HubState } from "../ports/hub-link.js";
import type { HouseDevice } from "./devices.js";
import { duration } from "./words.js";

const REMIND_ms = 3_600_000;

/** By what it is the trouble of. */
export function troublesOf(
  { inputs, store }: MeterView,
  devices: readonly Pick<HouseDevice, "name" | "trouble" | "remark">[],
  hub: HubState | null,
): ReadonlyMap<string, string> {
  const now = new Map<string, string>();
  devices.forEach(({ name, trouble, remark }, k) => {
    const looking = inputs[k]?.device.kind === "looking";
    const reason = trouble() ?? (looking ? `${name} does not answer` : null);
    const peculiar = remark?.() ?? null;
    if (reason !== null) now.set(name, `${reason}; trying again${looking ? ", no data meanwhile" : ""}`);
    else if (peculiar !== null) now.set(name, peculiar);
  });
  if (hub?.kind === "away") now.set("hub", `the hub is away: ${hub.reason}; trying again`);
  if (!store.ok) now.set("store", `the store cannot be written: ${store.reason}; trying again, the board still counts`);
  return now;
}

/** How old the registers are of the ledgers that one of their sources tells nothing for now: "no data for 3 h", by name. */
export function silencesOf({ inputs, ledgers }: MeterView, utc: Utc_ms): ReadonlyMap<string, string> {
  const silent = inputs.filter(({ device }) => device.kind === "looking").flatMap(({ feeds }) => feeds);
  return new Map(
    silent.map(({ name }) => {
      const at = ledgers.get(name)?.ledger.last?.at;
      return [name, at === undefined ? "no data yet" : `no data for ${duration(utc - at)}`];
    }),
  );
}

/** Says what goes wrong when it begins and when it ends, not while it lasts; once an hour again how long there has been no data. */
export class Saying {
  #before: ReadonlyMap<string, string> = new Map();
  readonly #silent = new Map<string, number>();

  constructor(private readonly say: (text: string) => void) {}

  look(troubles: ReadonlyMap<string, string>, silences: ReadonlyMap<string, string>, utc: Utc_ms): void {
    // The meters of a bus that is unplugged have one trouble.
    const begun = [...troubles].flatMap(([what, text]) => (this.#before.get(what) === text ? [] : [text]));
    for (const text of new Set(begun)) this.say(text);
    for (const what of this.#before.keys()) if (!troubles.has(what)) this.say(`${what} is well again`);
    this.#before = troubles;
    for (const name of this.#silent.keys()) if (!silences.has(name)) this.#silent.delete(name);
    for (const [name, text] of silences) {
      const since = this.#silent.get(name);
      if (since === undefined) this.#silent.set(name, utc);
      if (since === undefined || utc - since < REMIND_ms) continue;
      this.#silent.set(name, utc);
      this.say(`${name}: ${text}`);
    }
  }
}
