// What a simulated board can be told, and the making of one from it. The same options serve the command line of
// board-main.ts, a forked board process and a board within a test.
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { SimulatedBoard } from "./board.js";
import { EEPROM_BYTES, Eeprom } from "./eeprom.js";
import { ExecutedBoard } from "./executed-board.js";
import { FastBoard } from "./fast-board.js";
import { FrontEnd, type FrontEndOptions, IDEAL_FRONT_END, ORDINARY_FRONT_END } from "./front-end.js";
import { House } from "./house.js";
import { BOARD_KINDS, clampSetOf, icIn, prebuiltImage } from "./ic/ic-board.js";
import { readHex } from "./image.js";
import { Mains, type World } from "./mains.js";
import { COMMON, readOptions } from "./options.js";
import { fault, loadScenario, type SimFault } from "./scenario.js";
import { DEFAULT_SETTINGS, keepSettings, slotInForce } from "./settings-slot.js";
import { Truth } from "./truth.js";
import { RecordedWorld, readWaveform } from "./waveform.js";

/** The clamp board's image, committed with its sources. */
export const PREBUILT_IMAGE = prebuiltImage("clamp");

const four = z.tuple([z.boolean(), z.boolean(), z.boolean(), z.boolean()]);
const three = z.tuple([z.number(), z.number(), z.number()]);

const frontEnd = z.strictObject({
  /** Where the rest comes from. */
  like: z.enum(["ordinary", "ideal"]).default("ordinary"),
  ratioError: three.optional(),
  ratioRise: z.number().optional(),
  clampLead_deg: three.optional(),
  clampLeadFall_deg: z.number().optional(),
  clampLeadSlope_deg_per_octave: three.optional(),
  adapterLead_deg: z.number().optional(),
  adapterLead_deg_per_v: z.number().optional(),
  turned: four.optional(),
  crosstalk: z.number().min(0).max(0.1).optional(),
  noise_lsb: z.number().min(0).max(50).optional(),
  lostBits: z.int().min(0).max(4).optional(),
  biasError_lsb: z.number().min(-100).max(100).optional(),
});

const boardOptionsSchema = z.strictObject({
  ...COMMON,
  /** The clamp board, or one with a metering IC: those are executed only, and of `frontEnd` take `like` alone. */
  board: z.enum(BOARD_KINDS).default("clamp"),
  /** CSV of a recorded waveform, instead of a scenario. */
  waveform: z.string().optional(),
  fidelity: z.enum(["executed", "fast"]).default("executed"),
  /** True seconds in a second of the wall clock. */
  speed: z.number().positive().max(100_000).default(1),
  /** Error of the board's resonator, and half the swing of its drift. */
  ppm: z.number().min(-5000).max(5000).default(0),
  driftPpm: z.number().min(0).max(1000).default(0),
  frontEnd: frontEnd.prefault({}),
  /** Whether a board without calibration leaves the works with the front end's exact constants in its EEPROM. */
  calibrated: z.boolean().default(true),
  /** Intel HEX of the firmware. */
  image: z.string().optional(),
  /** File that keeps the EEPROM from run to run. */
  eeprom: z.string().optional(),
  /** UTC at the start, ms since 1970; now, or what `clock` says, where it is left out. */
  startUtc_ms: z.number().min(0).optional(),
  /** Probability that a byte is corrupted on the line, each way. */
  corruption: z.number().min(0).max(1).default(0),
  /** Fast fidelity: reports only every so many board seconds. */
  reportEvery_s: z.int().min(1).max(3600).default(1),
});

export type BoardOptions = z.output<typeof boardOptionsSchema>;
export type BoardOptionsInput = z.input<typeof boardOptionsSchema>;

/** The options, completed and checked. */
export function readBoardOptions(input: unknown): BoardOptions | SimFault {
  return readOptions(boardOptionsSchema, input, "the board's options");
}

export interface BuiltBoard {
  readonly board: SimulatedBoard;
  readonly world: World;
  readonly eeprom: Eeprom;
}

/** A board in its house, at true time 0, which is `startUtc_s`. The EEPROM comes from `eeprom`, the file, or is blank. */
export function buildBoard(options: BoardOptions, startUtc_s: number, eeprom?: Eeprom): BuiltBoard | SimFault {
  const world = buildWorld(options, startUtc_s);
  if ("kind" in world) return world;
  const memory = eeprom ?? loadEeprom(options);
  if ("kind" in memory) return memory;
  const frontEnd = frontEndOf(options);
  const { board, seed, reportEvery_s } = options;
  const ic = board === "clamp" ? undefined : icIn(world, board, options.frontEnd.like, seed);
  if (options.calibrated && slotInForce(memory.bytes) === 2) {
    const channels = (ic ?? new FrontEnd(world, frontEnd, seed)).calibration();
    keepSettings(memory.bytes, { ...DEFAULT_SETTINGS, channels });
  }
  const parts = { world, frontEnd, clock: { ppm: options.ppm, driftPpm: options.driftPpm }, seed };
  if (options.fidelity === "fast") {
    if (ic !== undefined) return fault(`there is no fast ${board} board: leave the fidelity at executed`);
    return { board: new FastBoard({ ...parts, eeprom: memory.bytes, reportEvery_s }), world, eeprom: memory };
  }
  const flash = loadImage(options.image ?? prebuiltImage(board));
  if ("kind" in flash) return flash;
  const fitted =
    ic === undefined ? { ...parts, flash, eeprom: memory } : { ...parts, flash, eeprom: memory, ic, world: ic.world };
  return { board: new ExecutedBoard(fitted), world: fitted.world, eeprom: memory };
}

export function frontEndOf(options: BoardOptions): FrontEndOptions {
  const { like, ...given } = options.frontEnd;
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...(like === "ideal" ? IDEAL_FRONT_END : ORDINARY_FRONT_END), ...set };
}

function buildWorld(options: BoardOptions, startUtc_s: number): World | SimFault {
  const truth = new Truth(undefined, clampSetOf(options.board));
  if (options.waveform !== undefined) {
    const text = readText(options.waveform);
    if (typeof text !== "string") return text;
    const waveform = readWaveform(text, options.waveform);
    return "kind" in waveform ? waveform : new RecordedWorld(waveform, truth);
  }
  const scenario = loadScenario(options.scenario);
  return scenario.kind === "fault" ? scenario : new Mains(new House(scenario, options.seed), truth, startUtc_s);
}

function loadImage(path: string | URL) {
  const text = readText(path);
  return typeof text === "string" ? readHex(text, String(path)) : text;
}

function loadEeprom(options: BoardOptions): Eeprom | SimFault {
  const { eeprom, seed } = options;
  if (eeprom === undefined || !existsSync(eeprom)) return new Eeprom(undefined, seed);
  const bytes = Uint8Array.from(readFileSync(eeprom));
  if (bytes.length !== EEPROM_BYTES) return fault(`${eeprom} is no EEPROM: ${bytes.length} bytes, not ${EEPROM_BYTES}`);
  return new Eeprom(bytes, seed);
}

function readText(path: string | URL): string | SimFault {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return fault(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}`);
  }
}
