// The house that a board is calibrated in: its owner is asked through its door; where nobody owns it, it is started here, and meters on.

import { knock, openDoor } from "../../adapters/door.js";
import type { Clamp } from "../../lab/calibration/constants.js";
import type { ReferenceSample } from "../../lab/calibration/observation.js";
import type { Bench, InForce, Observed, Refusal, Written } from "../../lab/calibration/procedure.js";
import type { Clock } from "../../ports/clock.js";
import type { DoorAnswer, DoorRequest } from "../../ports/door.js";
import { clockSpec, scaledClock, systemClock } from "../clocks.js";
import { refuseSecondGrid } from "../commands/run.js";
import { houseFor } from "../config/house.js";
import { devicesReport } from "../device-report.js";
import { own } from "../own.js";
import { probe } from "../probe.js";
import { refuse } from "../refusal.js";
import { keyringIn, startHouse } from "../running.js";
import { answering } from "../verbs.js";

export interface HouseOptions {
  readonly data: string;
  readonly config?: string;
  readonly port?: string;
  readonly source?: string;
  readonly json?: boolean;
  readonly clock?: string;
}

type Ask = (request: DoorRequest) => Promise<DoorAnswer>;

/** Keeping constants takes some seconds of the board's line; lost answers are waited for. */
const PATIENCE_ms = 60_000;
/** A board that has just been opened, or plugged in, says who it is within this, of the machine's time. */
const FOUND_WITHIN_ms = 30_000;
const LOOK_EVERY_ms = 400;
/** A look that comes later than this was held up with the machine: what board and reference said meanwhile is read first. */
const HELD_UP_ms = 2_000;

/** A device of the house as `observe` tells it (docs/spec/door.md). */
interface Device {
  readonly name: string;
  readonly board: boolean;
  /** Why it cannot tell import from export; null where it can. */
  readonly blind: string | null;
  readonly sources: readonly {
    readonly name: string;
    readonly role: string;
    readonly channel: number;
    readonly check_of: string | null;
  }[];
  readonly device: string | null;
  readonly boot: number | null;
  readonly power: {
    readonly at_ms: number;
    readonly voltage_mv: number | null;
    readonly channels: readonly {
      readonly current_ma: number | null;
      readonly active_mw: number | null;
      readonly reactive_mvar: number | null;
    }[];
  } | null;
}
interface House {
  readonly now_ms: number;
  readonly devices: readonly Device[];
}

/** Does `work` in the house, whoever owns it. */
export async function inHouse<T>(options: HouseOptions, work: (shop: Shop) => Promise<T>): Promise<T> {
  const clock = options.clock === undefined ? systemClock : scaledClock(clockSpec(options.clock));
  const told = await knock(options.data, { do: "observe" }, PATIENCE_ms);
  if ("kind" in told) return alone(options, clock, work);
  const ask: Ask = async (request) => {
    const answer = await knock(options.data, request, PATIENCE_ms);
    const next = "start it again, or calibrate without it";
    return "kind" in answer
      ? { ok: false, code: "owner-gone", reason: "the program that meters this house ended", next }
      : answer;
  };
  return work(await Shop.open(ask, options, clock));
}

async function alone<T>(options: HouseOptions, clock: Clock, work: (shop: Shop) => Promise<T>): Promise<T> {
  const house = houseFor(options);
  if (options.port !== undefined) await refuseNoPort(options.port);
  const { store, release } = own(options.data);
  try {
    refuseSecondGrid(house, store);
    const { meter, devices } = startHouse(house, store, clock, null, keyringIn(options.data));
    const workshop = { devices, data: options.data, clock };
    const answers = answering(meter, workshop, () => devicesReport(meter, devices, clock));
    const door = await openDoor(options.data, answers);
    try {
      return await work(await Shop.open(async (request) => answers(request), options, clock));
    } finally {
      if (door.ok) await door.close();
      await meter.stop();
    }
  } finally {
    release();
  }
}

/** A mistyped port is told at once; a board that is slow to answer is waited for. */
async function refuseNoPort(port: string): Promise<void> {
  const found = await probe(port, systemClock);
  if (found.kind === "refused" && found.code.startsWith("port-")) refuse(found);
}

/** A board of the house and what stands beside it. */
export class Shop {
  private constructor(
    private readonly ask: Ask,
    private readonly board: string,
    readonly source: string,
    /** The clamp of that source; null where it is several. */
    readonly clamp: Clamp | null,
    /** Its check, where it has one on another device. */
    readonly check: string | null,
    private readonly clock: Clock,
  ) {}

  static async open(ask: Ask, { source }: HouseOptions, clock: Clock): Promise<Shop> {
    const { devices } = await houseNow(ask);
    const all = devices.flatMap((device) => device.sources.map((one) => ({ ...one, device })));
    const chosen = all.find((one) => (source === undefined ? one.role === "grid" : one.name === source));
    if (chosen === undefined)
      return refuse({
        code: "no-source",
        reason: `this house has no source ${source ?? "with the role grid"}`,
        next: "name one of esme.yaml",
      });
    if (!chosen.device.board)
      return refuse({
        code: "no-board",
        reason: `${chosen.name} is no board: only those are calibrated here`,
        next: "name a source on a board with --source",
      });
    const clamp = chosen.channel >= 1 && chosen.channel <= 3 ? (chosen.channel as Clamp) : null;
    const check = all.find((one) => one.check_of === chosen.name && one.device !== chosen.device);
    const shop = new Shop(ask, chosen.device.name, chosen.name, clamp, check?.name ?? null, clock);
    await shop.#found();
    return shop;
  }

  bench(reference: string): Bench {
    const hasReference = reference !== "typed";
    return {
      hasReference,
      reference: hasReference ? `source ${reference}` : "typed",
      observe: () => this.#observe(hasReference ? reference : null),
      wait: () => this.#nextLook(),
      inForce: () => this.inForce(),
      write: (writing) => this.#asked<Written & { ok: true }>({ do: "calibrate", board: this.board, ...writing }),
    };
  }

  inForce(): Promise<InForce | Refusal> {
    return this.#asked<InForce>({ do: "calibration", board: this.board });
  }

  async #found(): Promise<void> {
    const until = systemClock.mono() + FOUND_WITHIN_ms;
    while (!(await houseNow(this.ask)).devices.some(({ name, device }) => name === this.board && device !== null)) {
      if (systemClock.mono() > until)
        refuse({
          code: "board-lost",
          reason: `the board at ${this.board} does not answer${await this.#trouble()}`,
          next: "`esme doctor` says what is wrong",
        });
      await pause(this.clock);
    }
  }

  /** Why, where its port tells: another program may have it open. */
  async #trouble(): Promise<string> {
    const told = await this.ask({ do: "devices" });
    const { devices = [] } = (told.ok ? told.result : {}) as { devices?: { name: string; trouble: string | null }[] };
    const trouble = devices.find(({ name }) => name === this.board)?.trouble ?? null;
    return trouble === null ? "" : `: ${trouble}`;
  }

  async #nextLook(): Promise<void> {
    const from = this.clock.mono();
    await pause(this.clock);
    if (this.clock.mono() - from > HELD_UP_ms) await pause(this.clock);
  }

  async #asked<T>(request: DoorRequest): Promise<T | Refusal> {
    const answer = await this.ask(request);
    return answer.ok ? (answer.result as T) : answer;
  }

  async #observe(reference: string | null): Promise<Observed | Refusal> {
    const answer = await this.ask({ do: "observe" });
    if (!answer.ok) return answer;
    const house = answer.result as House;
    const board = house.devices.find(({ name }) => name === this.board);
    const other = house.devices.find(({ sources }) => sources.some(({ name }) => name === reference));
    if (reference !== null && other === undefined)
      return {
        ok: false,
        code: "no-reference",
        reason: `this house has no source ${reference}`,
        next: "name one of esme.yaml, or typed",
      };
    if (other !== undefined && other === board)
      return {
        ok: false,
        code: "no-reference",
        reason: `${reference} is measured by the very board that is to be calibrated`,
        next: "name a source on another device, or typed",
      };
    if (other?.blind != null)
      return {
        ok: false,
        code: "no-reference",
        reason: `${other.blind}: which way round a clamp is would be a guess`,
        next: "name a source that tells direction, or typed",
      };
    return { ok: true, now_ms: house.now_ms, board: boardOf(board), reference: referenceOf(other, reference) };
  }
}

async function houseNow(ask: Ask): Promise<House> {
  const answer = await ask({ do: "observe" });
  return answer.ok ? (answer.result as House) : refuse(answer);
}

function boardOf(device: Device | undefined): Extract<Observed, { ok: true }>["board"] {
  const { power } = device ?? {};
  if (device?.device == null || power == null || power.voltage_mv === null) return null;
  const [one, two, three] = power.channels.map(({ active_mw, reactive_mvar }) => ({
    re: (active_mw ?? 0) / 1_000,
    im: (reactive_mvar ?? 0) / 1_000,
  }));
  if (one === undefined || two === undefined || three === undefined) return null;
  const { at_ms, voltage_mv } = power;
  return { at_ms, volts: voltage_mv / 1_000, clamps: [one, two, three], device: device.device, boot: device.boot ?? 0 };
}

function referenceOf(device: Device | undefined, name: string | null): ReferenceSample | null {
  const { power } = device ?? {};
  const channel = device?.sources.find((one) => one.name === name)?.channel;
  const told = power?.channels[(channel ?? 0) - 1];
  if (power == null || told === undefined) return null;
  const thousandth = (value: number | null) => (value === null ? null : value / 1_000);
  return {
    at_ms: power.at_ms,
    volts: thousandth(power.voltage_mv),
    amps: thousandth(told.current_ma),
    watts: thousandth(told.active_mw),
    vars: thousandth(told.reactive_mvar),
    pf: null,
  };
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.every(LOOK_EVERY_ms, () => {
      stop();
      resolve();
    });
  });
}
