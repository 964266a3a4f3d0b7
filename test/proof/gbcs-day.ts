// A day that the executed board has metered, read by command: the image behind a real pseudo-terminal, a real store, a real hub over TCP.
// ECS22a, b and c are made, and the answers decrypted, by a laboratory that shares no code with the meter; what they tell is what
// `esme read profile` shows. Time is simulated: the board, the terminal and the meter go on step by step together, as fast as they can.

import { join } from "node:path";
import { LineSource } from "../../host/adapters/board/line-source.js";
import { SerialSource } from "../../host/adapters/board/serial-source.js";
import { openStore } from "../../host/adapters/store/house-store.js";
import { Meter } from "../../host/meter/meter.js";
import type { HubLink } from "../../host/ports/hub-link.js";
import type { Source } from "../../host/ports/source.js";
import type { Store } from "../../host/ports/store.js";
import type { SimulatedBoard } from "../../host/sim/board.js";
import { buildBoard, readBoardOptions } from "../../host/sim/board-options.js";
import { Eeprom } from "../../host/sim/eeprom.js";
import type { DeviceLine } from "../../host/sim/line.js";
import { openPty } from "../../host/sim/pty.js";
import { SimulatedClock } from "../../host/sim/simulated-clock.js";
import { type LaboratoryHouse, laboratoryHouse } from "../gbcs/house.js";
import { type LabItem, type Opened, openResponse } from "../gbcs/laboratory.js";
import type { Value } from "../gbcs/laboratory-values.js";
import { HubAtWork } from "../hub/hub-at-work.js";
import { asked, freshDir, noPty, skipped, when } from "./crash-bench.js";
import { casesAt, type Proof, type Verdict } from "./proof.js";
import { HOUSE } from "./workbench.js";

const DAY_s = 86_400;
const MIDNIGHT_ms = Date.UTC(2026, 5, 2);
/** The board is on a little before the day and a little after it. */
const BEFORE_s = 10;
const AFTER_s = 20;
/** Those of the day, and the one that the board begins in. */
const HALF_HOURS = 1 + 48;
/** How finely bytes arrive. */
const FAST_STEP_s = 0.25;
const STEP_s = 0.05;
/** What was written to the terminal has arrived long before, unless it was the beginning of a line. */
const ARRIVES_within_ms = 20;

/** How much of the day's end is executed; the rest is of the fast fidelity, whose EEPROM the executed board goes on with. */
const EXECUTED: { readonly [name: string]: number } = {
  "a day, its last minute executed": 60,
  "a day, its last 31 minutes executed": 31 * 60,
  "a day, its last three hours executed": 3 * 3_600 + 60,
};

export const proof: Proof = {
  name: "gbcs-day",
  claim: "A metered day read through the hub with ECS22a, b and c: its half hours are those of esme read profile",
  cases: (effort) => {
    const [minute = "", half = "", hours = ""] = Object.keys(EXECUTED);
    return casesAt(effort, [minute], [half], [hours]);
  },
  run: async (case_, seed) => {
    const why = noPty();
    return why === null ? read(EXECUTED[case_] ?? 0, seed) : skipped(why);
  },
};

async function read(executed_s: number, seed: number): Promise<Verdict> {
  const house = await laboratoryHouse(freshDir("house"));
  const opened = openStore(join(house.dir, "meter.sqlite"));
  if (!opened.ok) throw new Error(opened.reason);
  const { store } = opened;
  const day = new Metered(house, store, seed);
  const hub = await HubAtWork.start();
  try {
    await day.fast(DAY_s - executed_s);
    const cycles = await day.executed(DAY_s + AFTER_s, hub.linkFor(store.name));
    const commands = commandsTo(house);
    const answers: Opened[] = [];
    for (const command of commands) answers.push(openResponse(house.keys, await hub.ask(command)));
    await day.end();
    const shown = await asked<Shown[]>("read", "profile", "--data", house.dir);
    const wrong = [...differences(answers, shown)];
    if (shown.length !== HALF_HOURS) wrong.push(`${HALF_HOURS} half hours should have closed`);
    const wh = (column: "import_wh" | "export_wh") => shown.reduce((sum, one) => sum + (one[column] ?? 0), 0);
    if (!(wh("import_wh") > 1_000 && wh("export_wh") > 1_000)) wrong.push("hardly any energy flowed");
    const flow = `${wh("import_wh")} Wh in, ${wh("export_wh")} Wh out`;
    const seen = `${shown.length} half hours, ${flow}, ${(cycles / 1e9).toFixed(2)} G cycles executed`;
    return {
      ok: wrong.length === 0,
      said: `seed ${seed}: ${seen}: ${wrong.length > 0 ? wrong.join("; ") : "each as esme read profile shows it"}`,
      figures: { seed, half_hours: shown.length, cycles, differences: wrong.length },
    };
  } finally {
    await day.end();
    await hub.stop();
    store.close();
  }
}

/** A row of `esme read profile --json`. */
interface Shown {
  readonly end: string;
  readonly import_wh: number | null;
  readonly export_wh: number | null;
  readonly import_varh: number | null;
  readonly export_varh: number | null;
}

/** ECS22a, b and c of far more than the day. */
function commandsTo({ command, networkOperator, supplier }: LaboratoryHouse): readonly Uint8Array[] {
  const range = [new Date(MIDNIGHT_ms - 2 * DAY_s * 1_000), new Date(MIDNIGHT_ms + 2 * DAY_s * 1_000)] as const;
  const exported: LabItem = { get: [7, "0-0:99.1.1.255", 2], range };
  const imported: LabItem = { read: "0-0:43.2.7.255", of: [{ attribute: [7, "0-0:99.1.0.255", 2], range }] };
  const reactive: LabItem = { get: [7, "0-0:99.1.2.255", 2], range };
  return [
    command({ code: 0x36, originator: networkOperator, counter: 1n, items: [exported] }),
    command({ code: 0x37, originator: supplier, counter: 1n, items: [imported] }),
    command({ code: 0x38, originator: supplier, counter: 2n, items: [reactive] }),
  ];
}

function differences([exported, imported, reactive]: readonly Opened[], shown: readonly Shown[]): string[] {
  const wrong: string[] = [];
  const same = (what: string, answer: Opened | undefined, log: Value | undefined, expected: readonly unknown[]) => {
    if (answer?.authentic !== true || answer.results.join() !== "0") wrong.push(`${what} failed: ${answer?.results}`);
    const [told, others] = [rowsOf(log), expected].map((rows) => rows.map((row) => JSON.stringify(row)));
    const count = Math.max(told?.length ?? 0, others?.length ?? 0);
    const at = Array.from({ length: count }, (_, row) => told?.[row] === others?.[row]).indexOf(false);
    if (at >= 0) wrong.push(`${what} told ${told?.[at]}, esme read profile shows ${others?.[at]}`);
  };
  const columns = (...names: (keyof Shown)[]) => shown.map((row) => names.map((name) => row[name]));
  const [sealed] = imported?.values ?? [];
  const whatWasSealed = Array.isArray(sealed?.of) ? (sealed.of as readonly Value[])[0] : undefined;
  same("ECS22a", exported, exported?.values[0], columns("end", "export_wh", "export_varh"));
  same("ECS22b", imported, whatWasSealed, columns("end", "import_wh"));
  same("ECS22c", reactive, reactive?.values[0], columns("end", "import_varh"));
  return wrong;
}

/** The rows of a log, their stamps as `esme read profile` writes them. */
function rowsOf(log: Value | undefined): readonly unknown[] {
  if (log?.tag !== 0x13 || !Array.isArray(log.of)) return [];
  return (log.of as readonly Value[]).map(({ of }) => {
    const [end, ...values] = (of as readonly Value[]).map((field) => Number(field.of));
    return [new Date(Date.UTC(2000, 0, 1) + (end ?? 0) * 1_000).toISOString().replace(".000", ""), ...values];
  });
}

/** A house with its board, of one fidelity and then of the other, in simulated time. */
class Metered {
  readonly #clock = new SimulatedClock(MIDNIGHT_ms - BEFORE_s * 1_000);
  readonly #house: LaboratoryHouse;
  readonly #store: Store;
  readonly #seed: number;
  #eeprom: Uint8Array | null = null;
  #meter: Meter | null = null;
  #line: DeviceLine | null = null;

  constructor(house: LaboratoryHouse, store: Store, seed: number) {
    this.#house = house;
    this.#store = store;
    this.#seed = seed;
  }

  /** Until so many seconds of the day have gone. */
  async fast(until_s: number): Promise<void> {
    const for_s = until_s - this.#second;
    if (for_s <= 0) return;
    const board = this.#board("fast");
    const source = new LineSource((bytes) => board.send(bytes), this.#clock);
    board.onBytes = (bytes) => source.arrive(bytes);
    const began_ms = this.#clock.mono();
    const meter = this.#meterOn(source, null);
    for (let t = FAST_STEP_s; t <= for_s; t += FAST_STEP_s) {
      board.runUntil(t);
      this.#clock.runTo(began_ms + t * 1_000);
    }
    await meter.stop();
    this.#eeprom = board.eeprom;
  }

  /** Likewise; gives the cycles executed. The meter and its board stay at work. */
  async executed(until_s: number, hub: HubLink): Promise<number> {
    const line = openPty();
    if ("kind" in line) throw new Error(line.reason);
    this.#line = line;
    const board = this.#board("executed");
    const sent: Uint8Array[] = [];
    board.onBytes = (bytes) => sent.push(bytes);
    const source = heardBy(new SerialSource(line.path, this.#clock));
    this.#meterOn(source, hub);
    board.send(await when("the port to open", () => nonEmpty(line.read())));
    const began_ms = this.#clock.mono();
    const for_s = until_s - this.#second;
    for (let step = 1; step * STEP_s <= for_s; step++) {
      board.runUntil(step * STEP_s);
      this.#clock.runTo(began_ms + step * STEP_s * 1_000);
      board.send(line.read());
      if (sent.length > 0) await source.hears(() => line.write(Buffer.concat(sent.splice(0))));
    }
    return board.cycles;
  }

  async end(): Promise<void> {
    const [meter, line] = [this.#meter, this.#line];
    this.#meter = this.#line = null;
    await meter?.stop();
    line?.close();
  }

  get #second(): number {
    return (this.#clock.utc() - MIDNIGHT_ms) / 1_000;
  }

  /** It boots now, and remembers what the one before it did. */
  #board(fidelity: "fast" | "executed"): SimulatedBoard {
    const seed = this.#seed;
    const options = readBoardOptions({ fidelity, scenario: "solar-home", seed, ppm: 300 });
    const eeprom = this.#eeprom === null ? undefined : new Eeprom(this.#eeprom, seed);
    const built = "kind" in options ? options : buildBoard(options, this.#clock.utc() / 1_000, eeprom);
    if ("kind" in built) throw new Error(built.reason);
    return built.board;
  }

  #meterOn(source: Source, hub: HubLink | null): Meter {
    const meter = new Meter({
      clock: this.#clock,
      store: this.#store,
      inputs: [{ source, feeds: HOUSE, patience_ms: 12 * 3_600_000 }],
      hub,
      fuse_w: 23_000,
      commitEvery_ms: 600_000,
      keyring: this.#house.keyring,
    });
    this.#meter = meter;
    meter.start();
    return meter;
  }
}

function nonEmpty(bytes: Uint8Array): Uint8Array | null {
  return bytes.length > 0 ? bytes : null;
}

/** A source that says when it has told something. */
function heardBy(source: Source): Source & { hears(write: () => unknown): Promise<void> } {
  let told = 0;
  return {
    start: (tell) =>
      source.start((event) => {
        told++;
        tell(event);
      }),
    stop: () => source.stop(),
    remember: (from) => source.remember(from),
    setUtc: (utc, board, rate_ppb) => source.setUtc(utc, board, rate_ppb),
    hears: async (write) => {
      const before = told;
      write();
      for (const until_ms = performance.now() + ARRIVES_within_ms; told === before && performance.now() < until_ms; )
        await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
