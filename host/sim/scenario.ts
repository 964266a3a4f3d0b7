// What the simulated house is: a scenario by name, or a JSON or YAML file of the same fields. Unknown keys are refused.
//
//   kind: home            # home | demo | steady | bench | reversing | pulses
//   base_w: 180           # home: always on; fridge_w, kitchen_w, lights_w: appliances; solar_w: the array's peak;
//   clouds: 0.6           #   clouds 0..1
//   swing_w: 4500         # demo: the net of clamp 1 swings between + and - swing_w; hold_s, ramp_s: shape of the swing
//   clamps:               # steady: what each clamp carries
//     - {amps: 10, pf: 0.5, lead: true, export: false}
//   each_s: 120           # bench: what clamp 1 carries, one load after the other and again, each so long, by UTC
//   loads:
//     - {amps: 0}
//     - {amps: 10}
//   power_w: 7200         # reversing: turned round every period_s; pulses: when power flows
//   from_s: 30            # pulses: flows from_s..to_s after the start; without them in each half hour, edge_s away
//   to_s: 90              #   from its ends, its first part import, its second export
//   mains: {voltage_v: 230, voltageWander_v: 2, frequency_hz: 50, frequencyWander_hz: 0.03, distortion: 1}
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

/** Something the world got wrong, in a sentence for the person who asked. */
export interface SimFault {
  readonly kind: "fault";
  readonly reason: string;
}

const watts = z.number().min(0).max(50_000);

const mains = z
  .strictObject({
    /** Mean rms voltage, V, 0 (no mains) to 300. */
    voltage_v: z.number().min(0).max(300).default(230),
    voltageWander_v: z.number().min(0).max(30).default(2),
    frequency_hz: z.number().min(40).max(65).default(50),
    frequencyWander_hz: z.number().min(0).max(2).default(0.03),
    /** Share of the usual voltage harmonics, 0 = a pure sine. */
    distortion: z.number().min(0).max(3).default(1),
  })
  .prefault({});

const clamp = z.strictObject({
  /** Rms current, A. */
  amps: z.number().min(0).max(120).default(0),
  /** Power factor, 0..1; the current lags unless `lead`. */
  pf: z.number().min(0).max(1).default(1),
  lead: z.boolean().default(false),
  export: z.boolean().default(false),
});

export const scenarioSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("home"),
    mains,
    base_w: watts.default(180),
    fridge_w: watts.default(90),
    kitchen_w: watts.default(2800),
    lights_w: watts.default(240),
    solar_w: watts.default(4200),
    clouds: z.number().min(0).max(1).default(0.7),
  }),
  z.strictObject({
    kind: z.literal("demo"),
    mains,
    swing_w: watts.default(4500),
    hold_s: z.number().positive().max(3600).default(2),
    ramp_s: z.number().positive().max(3600).default(2),
  }),
  z.strictObject({ kind: z.literal("steady"), mains, clamps: z.tuple([clamp, clamp, clamp]) }),
  z.strictObject({
    kind: z.literal("bench"),
    mains,
    /** By UTC, so that whoever joins later sees the same load; the first begins where UTC is a multiple of the whole round. */
    each_s: z.number().positive().max(86_400).default(120),
    loads: z.array(clamp).min(1).max(32),
  }),
  z.strictObject({
    kind: z.literal("reversing"),
    mains,
    power_w: watts.default(7200),
    period_s: z.number().positive().max(86_400).default(1),
  }),
  z.strictObject({
    kind: z.literal("pulses"),
    mains,
    power_w: watts.default(3000),
    from_s: z.number().min(0).optional(),
    to_s: z.number().min(0).optional(),
    edge_s: z.number().min(0).max(890).default(60),
  }),
]);

export type Scenario = z.output<typeof scenarioSchema>;
/** A scenario as written: every field but `kind` may be left out. */
export type ScenarioInput = z.input<typeof scenarioSchema>;

const NAMED: { readonly [name: string]: ScenarioInput } = {
  "solar-home": { kind: "home" },
  demo: { kind: "demo" },
  steady: { kind: "steady", clamps: [{ amps: 10 }, { amps: 5 }, { amps: 2, pf: 0.8 }] },
  reversing: { kind: "reversing" },
  "no-load": { kind: "steady", clamps: [{}, {}, {}] },
  pulses: { kind: "pulses" },
};

export const SCENARIO_NAMES: readonly string[] = Object.keys(NAMED);

/** A scenario from its name, the path of a file, or its own fields. */
export function loadScenario(what: string | ScenarioInput): Scenario | SimFault {
  if (typeof what !== "string") return checked("the scenario", what);
  if (Object.hasOwn(NAMED, what)) return scenarioSchema.parse(NAMED[what]);
  let text: string;
  try {
    text = readFileSync(what, "utf8");
  } catch {
    return fault(`there is no scenario ${what}: name one of ${SCENARIO_NAMES.join(", ")}, or a file`);
  }
  try {
    return checked(what, parse(text));
  } catch (error) {
    return fault(`${what} is neither JSON nor YAML: ${(error as Error).message.split("\n")[0]}`);
  }
}

function checked(name: string, value: unknown): Scenario | SimFault {
  const read = scenarioSchema.safeParse(value);
  if (read.success) return read.data;
  const first = read.error.issues[0];
  const where = first === undefined || first.path.length === 0 ? "" : ` at ${first.path.join(".")}`;
  return fault(`${name} is not a scenario${where}: ${first?.message ?? "it cannot be read"}`);
}

export function fault(reason: string): SimFault {
  return { kind: "fault", reason };
}
