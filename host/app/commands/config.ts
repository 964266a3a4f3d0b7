// `esme config check`: whether esme.yaml would be understood, without metering anything.

import { type Device, placeOf } from "../config/devices.js";
import { houseFor } from "../config/house.js";
import { configPath } from "../data-dir.js";

interface Options {
  readonly data: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function checkConfig(options: Options): void {
  const house = houseFor(options);
  const path = options.config ?? configPath(options.data);
  const sources = house.sources.map(({ name, role, device, channel, phases, phase, secondary, checkOf }) => {
    const port = placeOf(device);
    const place = { name, role, ...(checkOf === undefined ? {} : { checkOf }), port };
    if (device.kind !== "board") return { ...place, measures: inWords(device) };
    const one = phase === undefined ? `channel ${channel}` : `phase ${phase.number + 1} on clamp ${channel}`;
    const parts = phases === undefined ? one : `phases on clamps ${phases.join(", ")}`;
    return {
      ...place,
      measures: secondary === undefined ? parts : `${parts}, secondary on clamp ${secondary}`,
    };
  });
  if (options.json === true) {
    const sections = Object.keys(house.sections);
    process.stdout.write(
      `${JSON.stringify({ schema: "esme/config-check/1", path, sources, notes: house.notes, sections })}\n`,
    );
    return;
  }
  process.stdout.write(`${path} is sound\n`);
  for (const { name, role, port, measures } of sources)
    process.stdout.write(`  ${name}: ${role}, ${port}, ${measures}\n`);
  for (const note of house.notes) process.stdout.write(`  note: ${note}\n`);
}

function inWords(device: Exclude<Device, { kind: "board" }>): string {
  switch (device.kind) {
    case "modbus": {
      const { model, address, every_ms, place, reversed } = device;
      const line =
        place.kind === "serial" ? `${place.speed} baud, parity ${place.parity}` : `Modbus over ${place.kind}`;
      return `${model.title}, address ${address}, ${line}, every ${every_ms} ms${reversed ? ", reversed" : ""}`;
    }
    case "serial-ic":
      return `${device.options.ic}${device.reversed ? ", reversed" : ""}`;
    case "pulses":
      return `pulses on pin ${device.pin}, ${device.impPerKwh} imp/kWh`;
  }
}
