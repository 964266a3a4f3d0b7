// `esme sim meter`: Modbus meters that any program may read, on a pseudo-terminal or a TCP port, in a process of their own.

import { BUS_FAULTS } from "../../sim/modbus/bus.js";
import { CLAMPS, type Clamp } from "../../sim/modbus/house-conductor.js";
import { buildMeters, readMeterOptions, type SimulatedMetersInput } from "../../sim/modbus/meter-options.js";
import { type MeterProcess, startMeterProcess } from "../../sim/modbus/meter-process.js";
import { METER_FAULTS } from "../../sim/modbus/slave.js";
import { clockSpec } from "../clocks.js";
import { Refusal, usedWrongly } from "../refusal.js";
import { until } from "../until.js";
import { refuseNoScenario, refuseStart } from "./simulating.js";

interface Options {
  readonly model: readonly string[];
  readonly address?: number;
  readonly bus: "pty" | "tcp" | "rtu-tcp";
  readonly speed: number;
  readonly latency: number;
  readonly noise: number;
  readonly fault?: readonly string[];
  readonly scenario: string;
  readonly clamp?: Clamp;
  readonly start?: string;
  readonly truth?: string;
  readonly listen: number;
  readonly seed: number;
  readonly for?: number;
  readonly json?: boolean;
  readonly clock?: string;
}

/** What --speed is where it is left out. */
const USUAL_BAUD = 9_600;
const SHOWN_BY = "docs/guides/simulator.md and `esme sim meter --help` say what they can be told";

type Meter = SimulatedMetersInput["meters"][number];
type Fault = NonNullable<SimulatedMetersInput["faults"]>[number];
type BusFaults = NonNullable<SimulatedMetersInput["busFaults"]>;

export async function simMeter(options: Options): Promise<void> {
  const { bus, speed, latency, noise, scenario, truth, listen, seed, json } = options;
  const wired = bus !== "tcp";
  if (!(noise >= 0 && noise <= 0.5)) usedWrongly(`--noise ${noise} is no share`, "write a share of bits such as 1e-4");
  if (!wired && noise > 0)
    usedWrongly("Modbus TCP has no wire for --noise", "use --bus rtu-tcp, or faults of the meters");
  const { faults, busFaults } = faultsOf(options.fault ?? []);
  if (!wired && busFaults.length > 0)
    usedWrongly(`Modbus TCP has no wire for the fault ${busFaults[0]}`, "use --bus pty or --bus rtu-tcp");
  if (!wired && speed !== USUAL_BAUD)
    usedWrongly("Modbus TCP has no wire for --speed", "use --bus rtu-tcp, or leave it out");
  if (bus === "pty" && listen !== 0) usedWrongly("a serial port has no --listen", "use --bus tcp or --bus rtu-tcp");
  const asked = {
    meters: metersOf(options),
    bus,
    speed,
    latency_ms: latency,
    noise,
    faults,
    busFaults,
    scenario,
    seed,
    listen,
    ...(options.start === undefined ? {} : { start: startOf(options.start) }),
    ...(truth === undefined ? {} : { truth }),
    ...(options.clock === undefined ? {} : { clock: clockSpec(options.clock) }),
  };
  await refuseWrong(asked);
  const process_ = await startMeterProcess(asked);
  if ("kind" in process_) return refuseStart("sim-meter", process_.reason, SHOWN_BY, "--bus tcp");
  // Before anybody is told, so that whoever then says stop is heard.
  const over = until(options.for ?? null);
  process.stdout.write(json === true ? `${told(options, process_)}\n` : shown(options, process_));
  const died = process_.ended.then(() => "died" as const);
  const outcome = await Promise.race([over, died]);
  if (outcome === "died") throw new Refusal("meters-ended", process_.lastWords, "mend that and start them again");
  await process_.stop();
}

/** What no single option shows: an unknown model, an address twice. The scenario's file is the simulator's to read. */
async function refuseWrong(asked: SimulatedMetersInput & { readonly scenario: string }): Promise<void> {
  refuseNoScenario(asked.scenario);
  const options = readMeterOptions({ ...asked, scenario: "no-load" });
  const wrong = "kind" in options ? options : await buildMeters(options, 0);
  if ("kind" in wrong) usedWrongly(wrong.reason, SHOWN_BY);
}

/** MODEL, MODEL@ADDRESS, MODEL:CLAMP or MODEL@ADDRESS:CLAMP. */
function metersOf({ model, address, clamp }: Options): Meter[] {
  if (address !== undefined && model.length > 1)
    usedWrongly("--address is for one meter", "write each as MODEL@ADDRESS: --model sdm630@1 --model sdm120@2");
  return model.map((text) => {
    const [, name = "", own, at] = /^([^@:]+)(?:@(\d{1,3}))?(?::(\w+))?$/.exec(text) ?? [];
    if (name === "") usedWrongly(`"${text}" is no meter`, "write MODEL, MODEL@ADDRESS or MODEL@ADDRESS:CLAMP");
    if (own !== undefined && address !== undefined)
      usedWrongly("the address is there twice", "leave --address away, or the part behind @");
    const where = CLAMPS.find((one) => one === at) ?? clamp;
    if (at !== undefined && at !== where)
      usedWrongly(`"${at}" is no conductor of the house`, `name one of ${CLAMPS.join(", ")}`);
    const number = own === undefined ? address : Number(own);
    if (number !== undefined && (number < 1 || number > 247))
      usedWrongly(`${number} is no address of a meter`, "name one from 1 to 247");
    return {
      model: name,
      ...(where === undefined ? {} : { clamp: where }),
      ...(number === undefined ? {} : { address: number }),
    };
  });
}

/** KIND, KIND:SHARE, KIND@ADDRESS or KIND:SHARE@ADDRESS. */
function faultsOf(texts: readonly string[]): { readonly faults: Fault[]; readonly busFaults: BusFaults } {
  const faults: Fault[] = [];
  const busFaults: BusFaults = [];
  for (const text of texts) {
    const [, kind, written, address] = /^([a-z-]+)(?::([\d.e-]+))?(?:@(\d{1,3}))?$/.exec(text) ?? [];
    const share = written ?? "1";
    const where = address === undefined ? {} : { address: Number(address) };
    const ofBus = BUS_FAULTS.find((one) => one === kind);
    const ofMeter = [...METER_FAULTS, "clash" as const].find((one) => one === kind);
    if (!(Number(share) > 0 && Number(share) <= 1)) usedWrongly(`"${share}" is no share`, "write one such as 0.05");
    if (kind === "dead") faults.push({ kind: "silent", ...where });
    else if (ofMeter !== undefined) faults.push({ kind: ofMeter, share: Number(share), ...where });
    else if (ofBus !== undefined && (address ?? written) === undefined) busFaults.push(ofBus);
    else
      usedWrongly(
        `"${text}" is no fault`,
        `write KIND, KIND:SHARE or KIND:SHARE@ADDRESS; of a meter: dead, ${METER_FAULTS.join(", ")}, clash; ` +
          `of the bus, KIND alone: ${BUS_FAULTS.join(", ")}`,
      );
  }
  return { faults, busFaults };
}

/** "12345.678" or "12345.678,90.1": import and export, kWh. */
function startOf(text: string): { readonly import_wh: number; readonly export_wh: number } {
  const [import_kwh = Number.NaN, export_kwh = 0, ...more] = text.split(",").map((one) => Number(one || Number.NaN));
  if (!(import_kwh >= 0 && export_kwh >= 0 && import_kwh + export_kwh < 4e6) || more.length > 0)
    usedWrongly(
      `"${text}" is no state of the counters`,
      "write kWh of import, or of import and export: 12345.678,90.1",
    );
  return { import_wh: import_kwh * 1e3, export_wh: export_kwh * 1e3 };
}

function told({ bus, speed, seed }: Options, { port, pid, meters }: MeterProcess): string {
  return JSON.stringify({
    schema: "esme/sim-meter/1",
    bus,
    port,
    pid,
    speed: bus === "tcp" ? null : speed,
    seed,
    meters,
  });
}

function shown({ bus, speed, seed }: Options, { port, meters }: MeterProcess): string {
  const wire = { pty: `${speed} baud`, tcp: "Modbus TCP", "rtu-tcp": `Modbus RTU over TCP, ${speed} baud behind it` };
  const place = {
    pty: `port: ${port}, speed: ${speed}, parity: none`,
    tcp: `tcp: "${port}"`,
    "rtu-tcp": `rtu_tcp: "${port}"`,
  };
  const grid = meters.findIndex(({ clamp }) => clamp === "grid");
  const lines = meters.map(({ model, address, clamp }, at) => {
    const second = clamp === "grid" && at !== grid;
    const role = second ? `check, check_of: meter${grid + 1}` : clamp;
    return `  - { name: meter${at + 1}, role: ${role}, kind: modbus, model: ${model}, address: ${address}, ${place[bus]} }`;
  });
  const names = meters.map(({ model, address }) => `${model} at ${address}`).join(", ");
  const said = [
    `simulated meters (${names}) answer at ${port}, ${wire[bus]}; seed ${seed}`,
    "  Ctrl-C unplugs them; meter them: esme run, with this esme.yaml",
    "version: 1",
    "sources:",
    ...lines,
  ];
  return `${said.join("\n")}\n`;
}
