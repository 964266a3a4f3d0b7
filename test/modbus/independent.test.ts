// The tables against a server that knows nothing of them: libmodbus serves words taken from makers' manuals and other public sources
// (test/models/independent/), and the adapter, over a real pseudo-terminal and real TCP, must read what those sources say.

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { Bus, type BusUser } from "../../host/adapters/modbus/bus.js";
import { MODELS } from "../../host/adapters/modbus/catalogue.js";
import { RtuFraming, TcpFraming } from "../../host/adapters/modbus/framing.js";
import { type Asking, type Contact, contact } from "../../host/adapters/modbus/probe.js";
import { serialLine } from "../../host/adapters/modbus/serial-line.js";
import { tcpLine } from "../../host/adapters/modbus/tcp-line.js";
import { systemClock } from "../../host/app/clocks.js";
import type { Model } from "../../host/models/model.js";
import { plan } from "../../host/models/plan.js";
import { type Quantity, UNITS, type Unit } from "../../host/models/quantities.js";
import { valuesOf } from "../../host/models/reading.js";
import { BAUD, compileServer, type Served, serveRtu, serveTcp } from "../peers/libmodbus.js";

/** Words by the address at which they begin, in hex. */
type Words = { readonly [address: string]: string };

interface Independent {
  readonly model: string;
  readonly source: string;
  readonly unit: number;
  /** Function 4, and function 3. */
  readonly input?: Words;
  readonly holding?: Words;
  readonly serial?: string;
  readonly values: { readonly [Q in Quantity]?: { readonly is: number; readonly unit: Unit } };
}

const FOLDER = new URL("../models/independent/", import.meta.url);
const ALL: readonly Independent[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .sort()
  .map((file) => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Independent);

const server = compileServer();
if ("missing" in server) {
  if (process.env.ESME_NO_SKIP === "1") throw new Error(`libmodbus may not be left out here: ${server.missing}`);
  process.stdout.write(`left out: the tables against libmodbus, because ${server.missing}\n`);
}
afterAll(() => {
  if (!("missing" in server)) rmSync(server.folder, { recursive: true });
});

function servedBy({ input = {}, holding = {} }: Independent): Served[] {
  const of = (fn: 3 | 4, words: Words) =>
    Object.entries(words).flatMap(([address, hex]) =>
      hex
        .split(" ")
        .map((word, at) => ({ function: fn, address: Number(address) + at, value: Number.parseInt(word, 16) })),
    );
  return [...of(4, input), ...of(3, holding)];
}

type Contacted = Extract<Contact, { kind: "met" }>;

/** Meets the meter as the adapter does, then reads all that is wanted; resolves with who it is and what it says. */
function readAll(bus: Bus, model: Model, unit: number, names: readonly Quantity[]) {
  return new Promise<{ readonly met: Contacted; readonly values: Map<Quantity, number> }>((resolve, reject) => {
    const values = new Map<Quantity, number>();
    function* asking(): Asking<Contacted> {
      const met = yield* contact(model, 69_000);
      if (met.kind === "refused") throw new Error(met.reason);
      for (const read of plan(met.model, names)) {
        const answer = yield { ...read, address: met.base + read.address };
        if (answer.kind !== "words") throw new Error(`exception ${answer.code} to ${JSON.stringify(read)}`);
        for (const [name, value] of valuesOf(read, answer.words)) values.set(name, value);
      }
      return met;
    }
    const due = systemClock.mono();
    const asks = asking();
    let step = asks.next();
    const user: BusUser = {
      pause_ms: 0,
      answer_ms: model.pace.answer_ms,
      get wish() {
        if (step.done === true) return null;
        const { function: fn, address, count } = step.value;
        return { question: { unit, function: fn, address, count }, due };
      },
      heard: (outcome) => {
        if (outcome.kind !== "answered") return reject(new Error(JSON.stringify(outcome)));
        try {
          step = asks.next(outcome.answer);
        } catch (error) {
          reject(error as Error);
        }
        const { value: met } = step;
        if (step.done === true) void bus.leave(user).then(() => resolve({ met: met as Contacted, values }));
      },
      gone: (reason) => reject(new Error(reason)),
    };
    bus.join(user);
  });
}

async function holds(one: Independent, model: Model, bus: Bus): Promise<void> {
  const { met, values } = await readAll(bus, model, one.unit, Object.keys(one.values) as Quantity[]);
  if (one.serial !== undefined) expect(met.serial).toBe(one.serial);
  for (const [name, { is, unit }] of Object.entries(one.values) as [Quantity, { is: number; unit: Unit }][]) {
    const off = Math.abs((values.get(name) ?? Number.NaN) - is * UNITS[unit].milli);
    // What a float32 holds of a number, and our rounding to whole milli-units.
    expect(off, `${one.model}: ${name} is ${is} ${unit}`).toBeLessThanOrEqual(
      Math.max(1, Math.abs(is) * UNITS[unit].milli * 2 ** -23),
    );
  }
}

describe.skipIf("missing" in server).each(ALL.map((one) => [one.model, one] as const))("%s", (_, one) => {
  const model = MODELS.get(one.model);
  if (model === undefined || "missing" in server) return;

  test("on a serial line", async () => {
    const serving = await serveRtu(server.program, one.unit, servedBy(one));
    try {
      const open = serialLine({ path: serving.at, baud: BAUD, parity: "none", stopBits: 1 });
      await holds(one, model, new Bus({ name: serving.at, open, framing: new RtuFraming(BAUD), clock: systemClock }));
    } finally {
      await serving.stop();
    }
  });

  test("over Modbus TCP", async () => {
    const serving = await serveTcp(server.program, servedBy(one));
    try {
      const open = tcpLine("127.0.0.1", Number(serving.at));
      await holds(one, model, new Bus({ name: "libmodbus", open, framing: new TcpFraming(), clock: systemClock }));
    } finally {
      await serving.stop();
    }
  });
});

test("every file is of a model that there is a table of", () => {
  expect(ALL.filter(({ model }) => !MODELS.has(model)).map(({ model }) => model)).toEqual([]);
});
