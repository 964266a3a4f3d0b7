// Modbus TCP meters in this process, each with a power that the test sets: what `esme` programs read in real time.

import { createServer } from "node:net";
import { DrivenConductor } from "../../../host/sim/modbus/conductor.js";
import { SimulatedMeter } from "../../../host/sim/modbus/meter.js";
import { Pacer } from "../../../host/sim/modbus/pacer.js";
import { Slave } from "../../../host/sim/modbus/slave.js";
import { TcpEnd } from "../../../host/sim/modbus/tcp-end.js";
import { modelOf } from "./bus-bench.js";

export interface TcpMeters {
  /** host:port. */
  readonly at: string;
  /** W of each meter, by its unit; may be changed at any time. */
  readonly power_w: Map<number, number>;
  close(): Promise<void>;
}

export async function tcpMeters(models: Readonly<Record<number, string>>): Promise<TcpMeters> {
  const power_w = new Map<number, number>();
  const began_ms = performance.now();
  const now_ms = () => performance.now() - began_ms;
  const slaves = Object.entries(models).map(([unit, model], k) => {
    const conductor = new DrivenConductor(() => ({ active_w: power_w.get(Number(unit)) ?? 500 }), { step_ms: 250 });
    const start = { import_uwh: 5_000_000_000, export_uwh: 1_000_000_000 };
    const meter = new SimulatedMeter(modelOf(model), conductor, { serial: 900 + k, start });
    return { meter, address: Number(unit) };
  });
  const server = createServer({ noDelay: true }, (socket) => {
    const end = new TcpEnd(slaves.map((one) => new Slave({ ...one, latency_ms: 2 })));
    const pacer = new Pacer(end, now_ms);
    end.hear = (bytes) => void socket.write(bytes);
    socket.on("data", (bytes) => pacer.arrived(Uint8Array.from(bytes)));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => pacer.stop());
  });
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const own = server.address();
      resolve(typeof own === "object" && own !== null ? own.port : 0);
    }),
  );
  return { at: `127.0.0.1:${port}`, power_w, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
