// A source of kind serial-ic: which IC, and the parts around it where they are not the usual board's. docs/spec/serial-ics.md.

import type { SerialIc, SerialIcOptions } from "../../adapters/serial-ic/options.js";
import type { SerialIcDevice } from "./devices.js";
import type { HouseConfig } from "./schema.js";

type SerialIcSource = Extract<HouseConfig["sources"][number], { kind: "serial-ic" }>;
type Refuse = (key: string, rule: string) => never;

/** Keys that one IC alone has. */
const OF_ONE = {
  address: "bl0942",
  shunt_uohm: "bl0942",
  upper_ohm: "bl0942",
  lower_ohm: "bl0942",
  without_direction: "bl0942",
  voltage_ratio: "cse7766",
  current_ratio: "cse7766",
} as const satisfies { readonly [key in keyof SerialIcSource]?: SerialIc };

export function serialIcOf(source: SerialIcSource, mistake: Refuse): SerialIcDevice {
  for (const [key, ic] of Object.entries(OF_ONE))
    if (source[key as keyof typeof OF_ONE] !== undefined && source.ic !== ic) mistake(key, `is of a ${ic} only`);
  return { kind: "serial-ic", port: source.port, options: optionsOf(source), reversed: source.reversed ?? false };
}

function optionsOf(source: SerialIcSource): SerialIcOptions {
  const { ic, port, baud, most_w } = source;
  const common = { port, ...given("baud", baud), ...given("most_w", most_w) };
  switch (ic) {
    case "mcp39f511a":
      return { ic, ...common };
    case "bl0942": {
      const { address, shunt_uohm, upper_ohm, lower_ohm, without_direction } = source;
      return {
        ic,
        ...common,
        ...given("address", address),
        ...given("shunt_uohm", shunt_uohm),
        ...given("upper_ohm", upper_ohm),
        ...given("lower_ohm", lower_ohm),
        ...given("withoutDirection", without_direction),
      };
    }
    case "cse7766": {
      const { voltage_ratio, current_ratio } = source;
      return { ic, ...common, ...given("voltageRatio", voltage_ratio), ...given("currentRatio", current_ratio) };
    }
  }
}

function given<K extends string, V>(key: K, value: V | undefined): { readonly [k in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [k in K]: V });
}
