// Simulated meters in real time at the end that programs open: a pseudo-terminal, or a TCP port. What lives in the process of
// `esme sim meter`.

import { createServer, type Server, type Socket } from "node:net";
import { openPty } from "../pty.js";
import { fault, type SimFault } from "../scenario.js";
import { TruthFile } from "../truth-file.js";
import { SimulatedBus } from "./bus.js";
import { HostSpeed } from "./host-speed.js";
import type { MeterAnswer, MeterAsking, MetersTruth } from "./meter-messages.js";
import { type BuiltMeters, buildMeters, type MeterPlace, type SimulatedMetersOptions } from "./meter-options.js";
import { Pacer } from "./pacer.js";
import { Slave } from "./slave.js";
import { TcpEnd } from "./tcp-end.js";

/** Where the meters are reached. */
export interface Place {
  /** A path, or host:port. */
  readonly port: string;
}

/** The house goes on while nobody reads a meter. */
const HOUSE_ms = 1000;
const MOST_CONNECTIONS = 16;

export class MeterRunner {
  readonly clock: { readonly anchorWall_ms: number; readonly anchorUtc_ms: number; readonly speed: number };
  readonly #bus: SimulatedBus;
  /** Those that Modbus TCP asks: they have no wire. */
  readonly #slaves: readonly Slave[];
  readonly #truthFile: TruthFile | null;
  readonly #startUtc_ms: number;
  readonly #stops: (() => void)[] = [];

  private constructor(
    private readonly options: SimulatedMetersOptions,
    private readonly built: BuiltMeters,
    now_ms: number,
  ) {
    const { speed, noise, busFaults, seed, piece, truth } = options;
    const { world, slaves } = built;
    this.clock = clockOf(options, now_ms);
    this.#startUtc_ms = startUtc_ms(options, now_ms);
    this.#bus = new SimulatedBus({ meters: slaves, speed, damage: { bits: noise }, faults: busFaults, seed, piece });
    this.#slaves = slaves.map((one) => new Slave(one));
    this.#truthFile = truth === undefined ? null : new TruthFile(truth, world.truth, this.#startUtc_ms / 1000);
  }

  static async build(options: SimulatedMetersOptions, now_ms = Date.now()): Promise<MeterRunner | SimFault> {
    const built = await buildMeters(options, startUtc_ms(options, now_ms) / 1000);
    return "kind" in built ? built : new MeterRunner(options, built, now_ms);
  }

  /** Opens its place; from now on the meters can be read. */
  async start(): Promise<Place | SimFault> {
    const house = setInterval(() => this.#live(), HOUSE_ms);
    this.#stops.push(() => clearInterval(house));
    if (this.options.bus === "pty") return this.#onPty();
    return this.options.bus === "tcp"
      ? this.#listen((socket) => this.#speakTcp(socket))
      : this.#listen(this.#shareWire());
  }

  get meters(): readonly MeterPlace[] {
    return this.built.places;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#live();
    this.#truthFile?.close();
  }

  /** True ms since the start. */
  time_ms(): number {
    const { anchorUtc_ms, anchorWall_ms, speed } = this.clock;
    const wall_ms = performance.timeOrigin + performance.now();
    return anchorUtc_ms + (wall_ms - anchorWall_ms) * speed - this.#startUtc_ms;
  }

  answer(asking: MeterAsking): MeterAnswer {
    switch (asking.ask) {
      case "truth":
        return this.#truth();
      case "faults":
        for (const slave of [...this.#slaves, ...this.#bus.slaves])
          if (asking.address === undefined || asking.address === slave.address) slave.faults = { ...asking.faults };
        return null;
      case "bus-faults":
        this.#bus.faults.clear();
        for (const one of asking.faults) this.#bus.faults.add(one);
        return null;
    }
  }

  #truth(): MetersTruth {
    const at_ms = this.time_ms();
    const slaves = this.options.bus === "tcp" ? this.#slaves : this.#bus.slaves;
    return {
      utc_ms: this.#startUtc_ms + at_ms,
      meters: slaves.map(({ address, meter, counts }) => ({
        address,
        model: meter.model.model,
        energy: meter.truth(at_ms),
        counts: { ...counts },
      })),
    };
  }

  #live(): void {
    const { world } = this.built;
    const until_s = this.time_ms() / 1000;
    while (world.truth.end_s < until_s) world.next();
    this.#truthFile?.follow();
  }

  #onPty(): Place | SimFault {
    const line = openPty();
    if ("kind" in line) return line;
    const pacer = this.#pace(this.#bus);
    const host = new HostSpeed(line.slave);
    this.#bus.hear = (bytes) => {
      host.answered(performance.now());
      line.write(bytes);
    };
    line.hear((bytes) => {
      const at_ms = this.time_ms();
      this.#bus.hostSpeed = host.at(performance.now());
      pacer.arrived(Uint8Array.from(bytes), at_ms);
    });
    this.#stops.push(() => line.close());
    return { port: line.path };
  }

  /** A converter gives what the wire says to everybody, and the wire what anybody says. */
  #shareWire(): (socket: Socket) => void {
    const sockets = new Set<Socket>();
    const pacer = this.#pace(this.#bus);
    this.#bus.hear = (bytes) => {
      for (const socket of sockets) socket.write(Uint8Array.from(bytes));
    };
    return (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("data", (bytes) => pacer.arrived(Uint8Array.from(bytes)));
    };
  }

  #speakTcp(socket: Socket): void {
    const end = new TcpEnd(this.#slaves);
    const pacer = this.#pace(end);
    end.hear = (bytes) => void socket.write(bytes);
    socket.on("data", (bytes) => pacer.arrived(Uint8Array.from(bytes)));
    socket.on("close", () => pacer.stop());
  }

  #pace(end: SimulatedBus | TcpEnd): Pacer {
    const pacer = new Pacer(end, () => this.time_ms(), this.clock.speed);
    this.#stops.push(() => pacer.stop());
    return pacer;
  }

  #listen(connected: (socket: Socket) => void): Promise<Place | SimFault> {
    const { host, listen } = this.options;
    const server: Server = createServer({ noDelay: true }, (socket) => {
      socket.on("error", () => socket.destroy());
      this.#stops.push(() => socket.destroy());
      connected(socket);
    });
    server.maxConnections = MOST_CONNECTIONS;
    this.#stops.push(() => server.close());
    return new Promise((resolve) => {
      server.once("error", (error) =>
        resolve(fault(`${host}:${listen} cannot be listened at: ${(error as NodeJS.ErrnoException).code}`)),
      );
      server.listen(listen, host, () => {
        const own = server.address();
        resolve({ port: `${host}:${typeof own === "object" && own !== null ? own.port : listen}` });
      });
    });
  }
}

function clockOf({ clock }: SimulatedMetersOptions, now_ms: number) {
  return clock ?? { anchorWall_ms: now_ms, anchorUtc_ms: now_ms, speed: 1 };
}

function startUtc_ms(options: SimulatedMetersOptions, now_ms: number): number {
  const { anchorUtc_ms, anchorWall_ms, speed } = clockOf(options, now_ms);
  return anchorUtc_ms + (now_ms - anchorWall_ms) * speed;
}
