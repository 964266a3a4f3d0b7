// `esme run`: meter a house until told to stop. A house that never metered refuses a wrong port at once; one that has waits for it.

import { openDoor } from "../../adapters/door.js";
import { openReader } from "../../adapters/store/house-reader.js";
import type { Keyring } from "../../gbcs/keyring.js";
import type { Notice } from "../../ledger/events.js";
import { registers_wh } from "../../ledger/ledger.js";
import { DAY_ms, rfc3339, Utc_ms } from "../../ledger/units.js";
import type { Meter } from "../../meter/meter.js";
import type { Clock } from "../../ports/clock.js";
import type { HubLink } from "../../ports/hub-link.js";
import type { Store } from "../../ports/store.js";
import { clockSpec, scaledClock, systemClock } from "../clocks.js";
import { keyOf } from "../config/devices.js";
import { type House, houseFor } from "../config/house.js";
import { storePath } from "../data-dir.js";
import { devicesReport } from "../device-report.js";
import type { HouseDevice } from "../devices.js";
import { meterHubLink } from "../hub-joining.js";
import { own } from "../own.js";
import { asTheBoardIs, refuseMissingChannel } from "../port-house.js";
import { probe } from "../probe.js";
import { refuse, usedWrongly } from "../refusal.js";
import { keyringIn, startHouse } from "../running.js";
import { Saying, silencesOf, troublesOf } from "../trouble.js";
import { until } from "../until.js";
import { answering } from "../verbs.js";
import { kwh } from "../words.js";
import { ALWAYS } from "./opening.js";

interface Options {
  readonly data: string;
  readonly config?: string;
  readonly port?: string;
  readonly for?: number;
  readonly hub?: string;
  readonly installCode?: string;
  readonly json?: boolean;
  readonly clock?: string;
}

export async function run(options: Options): Promise<void> {
  const asked = withHub(houseFor(options), options);
  const clock = options.clock === undefined ? systemClock : scaledClock(clockSpec(options.clock));
  const { store, release } = own(options.data);
  try {
    refuseSecondGrid(asked, store);
    const keyring = keyringIn(options.data);
    const house = await looked(asked, options.port !== undefined, store);
    // The hub lives in the machine's time, also where the house's is simulated.
    const hub = house.hub === null ? null : meterHubLink(house.hub, store.name, systemClock);
    // From here on a signal ends the metering in order, also while the door is being opened.
    const over = until(options.for ?? null);
    const { meter, devices, stopFace } = startHouse(
      house,
      store,
      clock,
      hub,
      keyring,
      remarkedIn(options.data, clock.utc()),
    );
    const say = (text: string) => {
      if (options.json !== true) process.stdout.write(`${rfc3339(clock.utc())} ${text}\n`);
    };
    const workshop = { devices, data: options.data, clock };
    const report = () => devicesReport(meter, devices, clock);
    // Whoever reads that it meters may knock at once.
    const opening = openDoor(options.data, answering(meter, workshop, report));
    say(`metering ${house.sources.map(inHouse).join(", ")}`);
    for (const note of house.notes) say(`note: ${note}`);
    say(answersCommands(keyring, hub !== null));
    meter.watch((notice, name) => {
      const text = inWords(notice);
      if (text !== null) say(`${name}: ${text}`);
    });
    const door = await opening;
    if (!door.ok) say(`${door.reason}: nobody can ask this house for anything`);
    const stopSaying = sayTrouble(meter, hub, devices, clock, say);
    await over;
    stopSaying();
    if (door.ok) await door.close();
    const written = await meter.stop();
    await stopFace();
    if (!written.ok)
      refuse({
        code: written.fault,
        reason: written.reason,
        next: "make room on the disk; the board still holds what was not written",
      });
    end(meter, options.json === true, clock.utc(), hub === null ? null : store.outbox(0, 1_000_000).length);
  } finally {
    release();
  }
}

/** What the standing watch has told lately: it says a thing once a day, also over a restart. */
function remarkedIn(data: string, now: Utc_ms): readonly string[] {
  const opened = openReader(storePath(data));
  if (!opened.ok) return [];
  const { reader } = opened;
  const grid = reader.ledgers().find(({ role }) => role === "grid")?.name ?? "";
  const events = reader.events(grid, Utc_ms(now - 2 * DAY_ms), ALWAYS.to);
  reader.close();
  return events.filter(({ code }) => code === "implausible").map(({ text }) => text);
}

function inHouse({ name, device, channel }: House["sources"][number]): string {
  return `${name} (${keyOf(device)}${device.kind === "board" ? ` channel ${channel}` : ""})`;
}

/** A newcomer's mistake is told at once instead of being waited out; a house that has metered waits for its boards. */
async function looked(house: House, byPort: boolean, store: Store): Promise<House> {
  const ledgers = store.load();
  if (ledgers.some((one) => one.ledger.last !== null))
    return byPort ? asTheBoardIs(house, { kind: "metered", ledgers: ledgers.map(({ name }) => name) }) : house;
  let seen = house;
  const boards = house.sources.flatMap(({ device }) => (device.kind === "board" ? [device.port] : []));
  for (const port of new Set(boards)) {
    const found = await probe(port, systemClock);
    if (found.kind === "refused") return refuse(found);
    const { kinds } = found.identity;
    if (byPort) seen = asTheBoardIs(house, { kind: "asked", kinds });
    else refuseMissingChannel(house, port, kinds);
  }
  return seen;
}

/** The grid's ledger is the meter: under another name a second one would begin beside it. */
export function refuseSecondGrid(house: House, store: Store): void {
  const kept = store.load().find((one) => one.role === "grid")?.name;
  const named = house.sources.find((source) => source.role === "grid")?.name;
  if (kept === undefined || kept === named) return;
  const reason = `this house's grid is called ${kept}, the configuration calls it ${named}`;
  refuse({ code: "second-grid", reason, next: `call it ${kept} again, or begin another house with --data` });
}

function withHub(house: House, options: Options): House {
  if (options.hub === undefined) {
    if (options.installCode !== undefined) usedWrongly("--install-code belongs to --hub", "name the hub, too");
    return house;
  }
  const match = /^(.+):(\d{1,5})$/.exec(options.hub);
  if (match === null || !(Number(match[2]) >= 1 && Number(match[2]) <= 65_535))
    return usedWrongly(`"${options.hub}" is not a hub`, "write host:port, such as 127.0.0.1:4059");
  if (options.installCode === undefined)
    return usedWrongly("--hub needs --install-code", "`esme hub` prints the code when it starts");
  return { ...house, hub: { host: match[1] ?? "", port: Number(match[2]), installCode: options.installCode } };
}

/** Whether it answers commands, and what is missing where it does not. */
function answersCommands(keyring: Keyring | null, hasHub: boolean): string {
  if (keyring === null) return "answers no commands: it has no keys (`esme commission` makes them)";
  const { identity, accessControlBroker } = keyring;
  if (accessControlBroker === null)
    return `${identity} answers no commands: it trusts no access control broker (\`esme commission --parties\`)`;
  return hasHub
    ? `${identity} answers commands that come through the hub`
    : `${identity} answers no commands: it has no hub to hear them from`;
}

function sayTrouble(
  meter: Meter,
  hub: HubLink | null,
  devices: readonly HouseDevice[],
  clock: Clock,
  say: (text: string) => void,
): () => void {
  const saying = new Saying(say);
  const timer = setInterval(() => {
    const view = meter.view();
    saying.look(troublesOf(view, devices, hub?.state() ?? null), silencesOf(view, clock.utc()), clock.utc());
  }, 2_000);
  return () => clearInterval(timer);
}

function inWords(notice: Notice): string | null {
  switch (notice.kind) {
    case "half-hour": {
      const { end, wh, flags } = notice.entry;
      const said = flags.length > 0 ? ` (${flags.join(", ")})` : "";
      return `half hour to ${rfc3339(end)}: import ${wh[0]} Wh, export ${wh[1]} Wh${said}`;
    }
    case "event":
      return `${notice.code}: ${notice.text}`;
    case "alert":
      return `alert ${notice.code.toString(16).toUpperCase()}: ${notice.text}`;
    case "supply-state":
      return `the supply is ${notice.state}`;
    case "aged":
      return null;
  }
}

function end(meter: Meter, json: boolean, utc: Utc_ms, waiting: number | null): void {
  const view = meter.view();
  const { ledgers, faults, reports } = view;
  const silences = silencesOf(view, utc);
  if (json) {
    const all = Object.fromEntries(
      [...ledgers].map(([name, { ledger }]) => {
        const [import_wh, export_wh, import_varh, export_varh] = registers_wh(ledger);
        return [name, { import_wh, export_wh, import_varh, export_varh, ignored: ledger.ignored }];
      }),
    );
    const summary = { schema: "esme/run/1", reports, ledgers: all, faults: Object.fromEntries(faults), waiting };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return;
  }
  for (const [name, { ledger }] of ledgers) {
    const [import_wh, export_wh] = registers_wh(ledger);
    const silent = silences.get(name);
    const note = silent === undefined ? "" : ` (${silent})`;
    process.stdout.write(`${name}: import ${kwh(import_wh)}, export ${kwh(export_wh)}${note}\n`);
  }
  for (const [fault, bytes] of faults) process.stdout.write(`${fault}: ${bytes} bytes\n`);
}
