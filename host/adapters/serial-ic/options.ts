// What the configuration says of a metering IC on a serial port, the usual board's values where it says nothing, and which IC can
// tell import from export (docs/spec/serial-ics.md).

export const SERIAL_ICS = ["mcp39f511a", "bl0942", "cse7766"] as const;
export type SerialIc = (typeof SERIAL_ICS)[number];

/** A number that is no integer is given as two that are. */
export interface Ratio {
  readonly num: number;
  readonly den: number;
}

interface Common {
  readonly port: string;
  /** What the ledger knows the device by; an exchanged board should get another. */
  readonly device?: string;
  readonly baud?: number;
  /** What the conductor can carry: a count that says more is not believed. */
  readonly most_w?: number;
}

export type SerialIcOptions =
  | ({ readonly ic: "mcp39f511a" } & Common)
  | ({
      readonly ic: "bl0942";
      /** Of the chip's two pins, 0..3. */
      readonly address?: number;
      readonly shunt_uohm?: number;
      /** Of the voltage divider: between conductor and pin, and between pin and neutral. */
      readonly upper_ohm?: number;
      readonly lower_ohm?: number;
      /** Goes on in absolute mode with a chip that cannot be set: only where the role needs no direction. */
      readonly withoutDirection?: boolean;
    } & Common)
  | ({
      readonly ic: "cse7766";
      /** 1 with 1 MΩ and 1 mΩ. */
      readonly voltageRatio?: Ratio;
      readonly currentRatio?: Ratio;
    } & Common);

export interface SerialIcFacts {
  readonly maker: string;
  readonly baud: number;
  readonly parity: "none" | "even";
  /** Whether it tells import from export: `set` once it is set so, and it is refused where it cannot be. A grid needs one that does. */
  readonly direction: "both" | "set" | "none";
  readonly most_w: number;
  readonly protocol: string;
}

export const SERIAL_IC_FACTS: { readonly [ic in SerialIc]: SerialIcFacts } = {
  mcp39f511a: {
    maker: "Microchip",
    baud: 115_200,
    parity: "none",
    direction: "both",
    most_w: 25_000,
    protocol: "mcp39f511a-uart",
  },
  bl0942: {
    maker: "Belling",
    baud: 4_800,
    parity: "none",
    direction: "set",
    most_w: 25_000,
    protocol: "bl0942-uart",
  },
  cse7766: {
    maker: "Chipsea",
    baud: 4_800,
    parity: "even",
    direction: "none",
    most_w: 4_000,
    protocol: "cse7766-uart",
  },
};

/** Whether such a source may stand at the grid: it tells import from export, or measures nothing at all. */
export function hasDirection(options: SerialIcOptions): boolean {
  const { direction } = SERIAL_IC_FACTS[options.ic];
  const goesOnWithout = options.ic === "bl0942" && options.withoutDirection === true;
  return direction !== "none" && !goesOnWithout;
}
