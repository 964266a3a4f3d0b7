// `esme doctor`: which serial ports there are, whether one opens, whether a board answers, what is wrong and what to do.

import { listPorts } from "../../adapters/board/ports.js";
import { systemClock } from "../clocks.js";
import { type Diagnosis, probe } from "../probe.js";

export async function doctor(options: { readonly port?: string; readonly json?: boolean }): Promise<void> {
  const ports = await listPorts();
  const named = options.port === undefined ? ports.map((port) => port.path) : [options.port];
  const found: { path: string; diagnosis: Diagnosis }[] = [];
  for (const path of named) {
    if (options.json !== true) process.stdout.write(`${path}: `);
    const diagnosis = await probe(path, systemClock);
    found.push({ path, diagnosis });
    if (options.json !== true) process.stdout.write(`${inWords(diagnosis)}\n`);
  }
  const healthy = found.some(({ diagnosis }) => diagnosis.kind === "board");
  if (options.json === true)
    process.stdout.write(`${JSON.stringify({ schema: "esme/doctor/1", ports, probed: found, healthy })}\n`);
  else if (found.length === 0)
    process.stdout.write(
      "no serial port found\n  plug the board in, or name a port with --port; without a board: `esme sim board`\n",
    );
  if (!healthy) process.exitCode = 1;
}

function inWords(diagnosis: Diagnosis): string {
  if (diagnosis.kind === "refused") return `${diagnosis.reason} [${diagnosis.code}]\n  ${diagnosis.next}`;
  const { device, firmware, build, protocol, kinds, capabilities, boot } = diagnosis.identity;
  return [
    `a board answers`,
    `  board ${device}, boot ${boot}, firmware ${firmware} (build ${build}), link ${protocol}`,
    `  channels ${kinds.join(", ")}; it has ${capabilities.join(", ")}`,
    `  next: esme run --port ...`,
  ].join("\n");
}
