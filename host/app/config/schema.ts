// Every key of esme.yaml, its range and its default. Unknown keys are refused; docs/guides/house.md shows them all in use.

import { z } from "zod";
import { SERIAL_ICS } from "../../adapters/serial-ic/options.js";
import { tariffSchema } from "./tariff.js";

export const Duration = z.string().regex(/^\d+(\.\d+)?(ms|s|m|h)$/, "write a duration such as 10s");
const TimeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[03]0$/, "write the start or end of a half hour, UTC, such as 16:00");
const Volts = z.number().min(0).max(1_000);
const Watts = z.int().min(0).max(1_000_000);
const Mpan = z.string().regex(/^\d{13}$/, "an MPAN has 13 digits, in quotes");
const Clamp = z.int().min(1).max(3);
/** A condition of the supply, and how long it must last to be told. */
const Lasting = z.strictObject({ volts: Volts, for: Duration });

const Name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, "a name is lower-case letters, digits and hyphens");
const Port = z.string().min(1);
/** Which boundary a source measures, whatever it is made of. */
const boundary = {
  /** The ledger's name. */
  name: Name,
  role: z.enum(["grid", "generation", "load", "battery", "check"]),
  /** Of a check: the source beside which it stands on the same conductor. */
  check_of: Name.optional(),
};
const Reversed = z.boolean().optional();
/** A number that is no integer, as two that are. */
const Ratio = z.strictObject({ num: z.int().min(1).max(1_000_000_000), den: z.int().min(1).max(1_000_000_000) });
const HostPort = z.string().regex(/^[^\s:]+:\d{1,5}$/, "write host:port, such as 192.168.1.20:502");

const BoardSchema = z.strictObject({
  ...boundary,
  /** A board that speaks the link: three clamps, or a metering IC. */
  kind: z.enum(["clamp-board", "ic-board"]),
  port: Port.optional(),
  /** Clamp 1..3, or 4: the sum over the board's clamp set. With `phases` it is the sum. */
  channel: z.int().min(1).max(4).optional(),
  /** The clamps of two or three phases: a polyphase meter (variant C). */
  phases: z.array(Clamp).min(2).max(3).optional(),
  /** Instead of port and phases: two or three phases on boards of their own, netted over the report interval (variant C). */
  boards: z
    .array(z.strictObject({ port: z.string().min(1), channel: Clamp }))
    .min(2)
    .max(3)
    .optional(),
  /** The clamp of a secondary element: a twin-element meter (variant B). */
  secondary: Clamp.optional(),
  /** Mains cycles over which the board decides the direction of the flow, 1..50. */
  window_cycles: z.int().min(1).max(50).optional(),
});
export type BoardSource = z.infer<typeof BoardSchema>;

const ModbusSchema = z.strictObject({
  ...boundary,
  kind: z.literal("modbus"),
  /** `esme meters` lists them. */
  model: z.string().min(1),
  /** 1..247; the maker's own where it is left out. */
  address: z.int().min(1).max(247).optional(),
  /** One of three: a serial port, Modbus TCP, or RTU frames over TCP. */
  port: Port.optional(),
  tcp: HostPort.optional(),
  rtu_tcp: HostPort.optional(),
  /** Of a serial port: baud and parity, the maker's own where they are left out; baud also of the bus behind rtu_tcp. */
  speed: z.int().min(300).max(921_600).optional(),
  parity: z.enum(["none", "even", "odd"]).optional(),
  stop_bits: z.union([z.literal(1), z.literal(2)]).optional(),
  /** How often it is read, 100 ms .. 60 s. */
  every: Duration.optional(),
  /** It sits the other way round: what it calls import is export here. */
  reversed: Reversed,
});

const SerialIcSchema = z.strictObject({
  ...boundary,
  kind: z.literal("serial-ic"),
  ic: z.enum(SERIAL_ICS),
  port: Port,
  reversed: Reversed,
  /** Of the line; the IC's own where it is left out. */
  baud: z.int().min(300).max(921_600).optional(),
  /** What the conductor can carry, W: a count that says more is not believed. 25,000, of a cse7766 4,000. */
  most_w: z.int().min(100).max(100_000).optional(),
  /** Of a bl0942: its two address pins, its shunt, and its divider between conductor and pin, and between pin and neutral. */
  address: z.int().min(0).max(3).optional(),
  shunt_uohm: z.int().min(10).max(100_000).optional(),
  upper_ohm: z.int().min(1_000).max(100_000_000).optional(),
  lower_ohm: z.int().min(1).max(1_000_000).optional(),
  /** Goes on with a bl0942 that cannot be set to tell direction: not at the grid. */
  without_direction: z.boolean().optional(),
  /** Of a cse7766: its divider and shunt against the usual 1 MΩ and 1 mΩ. */
  voltage_ratio: Ratio.optional(),
  current_ratio: Ratio.optional(),
});

const PulsesSchema = z.strictObject({
  ...boundary,
  kind: z.literal("pulses"),
  /** Of the second board, which runs StandardFirmata. */
  port: Port,
  /** D2..D7. */
  pin: z.int().min(2).max(7),
  imp_per_kwh: z.int().min(1).max(100_000),
  /** What is shorter is a bounce; 30 ms each where they are left out, as an S0 output has it (EN 62053-31). */
  min_on: Duration.optional(),
  min_off: Duration.optional(),
});

const SourceSchema = z.discriminatedUnion("kind", [BoardSchema, ModbusSchema, SerialIcSchema, PulsesSchema], {
  error: "the kinds are clamp-board, ic-board, modbus, serial-ic and pulses",
});

const MeterSchema = z.strictObject({
  /** 1 s .. 600 s: how much a crash makes the board tell again, against wear of the card. */
  commit_every: Duration.optional(),
  /** Amps per phase that the supply's fuse passes, 1..400: a counter that says more is doubted. */
  fuse_a: z.number().min(1).max(400).optional(),
  /** Which clock the meter follows. */
  clock: z.enum(["system", "hub"]).optional(),
  /** How phases become one flow. */
  netting: z.enum(["net", "per-phase", "absolute"]).optional(),
  mpan: z
    .strictObject({
      import: Mpan.optional(),
      /** Of the secondary element of a twin-element meter. */
      secondary: Mpan.optional(),
      export: Mpan.optional(),
    })
    .optional(),
  /** Half hours that the configurable maximum demand looks at; UTC, over midnight where it ends before it begins. */
  demand_window: z.strictObject({ from: TimeOfDay, to: TimeOfDay }).optional(),
  voltage: z
    .strictObject({
      average_over: Duration.optional(),
      over: Volts.optional(),
      under: Volts.optional(),
      extreme_over: Lasting.optional(),
      extreme_under: Lasting.optional(),
      sag: Lasting.optional(),
      swell: Lasting.optional(),
    })
    .optional(),
  load_limit: z
    .strictObject({
      /** 0: no limit. */
      watts: Watts,
      for: Duration.optional(),
      restore_after: Duration.optional(),
      /** Whether a load beyond the limit disables the supply. */
      disconnect: z.boolean().optional(),
    })
    .optional(),
  /** From where on power is called medium and high. */
  power_levels: z.strictObject({ medium_from: Watts, high_from: Watts }).optional(),
});
export type MeterConfig = z.infer<typeof MeterSchema>;

const Pin = z.int().min(2).max(19);
const PanelSchema = z.strictObject({
  /** Of the second board, which runs StandardFirmata; pulse inputs may share it. */
  port: Port,
  /** The display; 16x2 where it is left out. */
  lcd: z.enum(["16x2", "20x4", "none"]).optional(),
  /** Where each part is wired (docs/spec/panel.md); null: it is not there. */
  pins: z
    .strictObject({
      lcd: z.tuple([Pin, Pin, Pin, Pin, Pin, Pin]).optional(),
      button: Pin.nullable().optional(),
      led: Pin.nullable().optional(),
      arrow_import: Pin.nullable().optional(),
      arrow_export: Pin.nullable().optional(),
      relay: Pin.nullable().optional(),
    })
    .optional(),
});
export type PanelConfig = z.infer<typeof PanelSchema>;

export const HouseSchema = z.strictObject({
  version: z.literal(1),
  meter: MeterSchema.optional(),
  sources: z.array(SourceSchema).min(1).max(32),
  /** The meter's face: lights, display, button, load switch. */
  panel: PanelSchema.optional(),
  tariff: tariffSchema.optional(),
  hub: z
    .strictObject({ host: z.string().optional(), port: z.int().min(1).max(65_535), install_code: z.string().min(1) })
    .optional(),
});
export type HouseConfig = z.infer<typeof HouseSchema>;
