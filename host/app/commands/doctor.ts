// `esme doctor`: what is at each port, whether it is well, what ails it, and the lines of esme.yaml that meter it. Only reads, and leaves a
// house that is metering alone (docs/spec/doctor.md).

import { type FoundPort, listPorts } from "../../adapters/serial-port.js";
import { systemClock } from "../clocks.js";
import type { ReportedDevice } from "../device-report.js";
import { expectedHouse, ownersDevices, samePort } from "../finding/house.js";
import { ownedInWords } from "../finding/owned.js";
import { type LookOptions, lookAt, type Place, placeName, type Sort } from "../finding/place.js";
import { progressLine } from "../finding/progress.js";
import { findingAsJson, findingInWords, isHealthy, type Trouble, troubleOf } from "../finding/telling.js";
import { usedWrongly } from "../refusal.js";

export interface DoctorOptions {
  readonly data: string;
  readonly config?: string;
  readonly port?: string;
  readonly tcp?: string;
  readonly rtuTcp?: string;
  readonly scan: LookOptions["depth"];
  readonly as: Sort;
  readonly json?: boolean;
}

/** 100 A a phase, as where esme.yaml says nothing. */
const USUAL_FUSE_W = 75_900;

const NO_PORT: Trouble = {
  code: "nothing-found",
  reason: "no serial port found",
  next:
    "plug the board or the adapter in, or name a port with --port, a host with --tcp; " +
    "without any: `esme sim board`, `esme sim meter`",
};

export async function doctor(options: DoctorOptions): Promise<void> {
  const { data, config, scan, as: sort, json = false } = options;
  const ports = await listPorts();
  const expected = expectedHouse(data, config);
  const places = placesOf(options, ports, expected.places);
  const owned = await ownersDevices(data);
  const probed: object[] = [];
  let trouble: Trouble | null = null;
  let healthy = false;
  for (const place of places) {
    const devices = owned?.devices.filter((device) => device.place === placeName(place)) ?? [];
    if (devices.length > 0) {
      healthy ||= devices.some(({ device }) => device !== null);
      const silent = devices.find(({ device }) => device === null);
      if (silent !== undefined) trouble ??= silence(silent);
      if (!json) process.stdout.write(`${devices.map(ownedInWords).join("\n")}\n`);
      probed.push({
        path: placeName(place),
        diagnosis: { kind: "owned", devices },
        yaml: [],
        causes: [],
        evidence: null,
      });
      continue;
    }
    const progress = progressLine(!json && process.stderr.isTTY === true, placeName(place));
    const fuse_w = expected.fuse_w ?? USUAL_FUSE_W;
    const look = { clock: systemClock, sort, depth: scan, expected: expected.at(place), fuse_w, tell: progress.tell };
    const told = { place, finding: await lookAt(place, look) };
    progress.end();
    healthy ||= isHealthy(told.finding);
    trouble ??= troubleOf(told);
    if (!json) process.stdout.write(`${placeName(place)}: ${findingInWords(told)}\n`);
    probed.push(findingAsJson(told));
  }
  if (json) process.stdout.write(`${JSON.stringify({ schema: "esme/doctor/1", ports, probed, healthy })}\n`);
  else if (places.length === 0) process.stdout.write(`${NO_PORT.reason}\n  ${NO_PORT.next}\n`);
  if (healthy) return;
  process.exitCode = 1;
  // In words all is said already.
  if (json) process.stderr.write(`${JSON.stringify(trouble ?? NO_PORT)}\n`);
}

function silence({ name, trouble }: ReportedDevice): Trouble {
  const reason = `${name} does not answer now${trouble === null ? "" : `: ${trouble}`}`;
  return {
    code: "no-data",
    reason,
    next: "look at its power and its cable; stop esme run, and the doctor looks at its port",
  };
}

/** The one that was named; else whatever esme.yaml says, and the other ports that the system lists. */
function placesOf(
  { port, tcp, rtuTcp }: Pick<DoctorOptions, "port" | "tcp" | "rtuTcp">,
  ports: readonly FoundPort[],
  expected: readonly Place[],
): readonly Place[] {
  if ([port, tcp, rtuTcp].filter((one) => one !== undefined).length > 1)
    usedWrongly("--port, --tcp and --rtu-tcp are three places", "name one of them");
  if (tcp !== undefined) return [hostPort("--tcp", "tcp", tcp)];
  if (rtuTcp !== undefined) return [hostPort("--rtu-tcp", "rtu-tcp", rtuTcp)];
  if (port !== undefined) return [{ kind: "serial", path: port }];
  const known = (path: string) => expected.some((one) => one.kind === "serial" && samePort(one.path, path));
  const others = ports.filter(({ path }) => !known(path)).map(({ path }) => ({ kind: "serial", path }) as const);
  return [...expected, ...others];
}

export function hostPort(option: string, kind: "tcp" | "rtu-tcp", text: string): Place {
  const [, host = "", port = ""] = /^([^\s:]+):(\d{1,5})$/.exec(text) ?? [];
  if (!(Number(port) >= 1 && Number(port) <= 65_535))
    usedWrongly(`${option} "${text}" is no host:port`, "write host:port, such as 192.168.1.20:502");
  return { kind, host, port: Number(port) };
}
