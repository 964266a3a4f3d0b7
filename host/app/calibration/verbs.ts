// Calibrating at the door: what board and reference tell now, what is in force, and constants to be written and kept
// (docs/spec/calibration.md).

import { z } from "zod";
import type { Feed } from "../../meter/gathering.js";
import type { Meter } from "../../meter/meter.js";
import type { Clock } from "../../ports/clock.js";
import type { DoorAnswer, DoorRequest } from "../../ports/door.js";
import type { Identity } from "../../ports/source.js";
import { type Device, withoutDirection } from "../config/devices.js";
import { CalibrationHistory, Channels } from "./history.js";
import { type Commanded, inForceOf, writeTo } from "./writing.js";

/** Of a house, what calibrating needs. Devices are in the order of the meter's inputs. */
export interface Workshop {
  readonly devices: readonly {
    readonly name: string;
    readonly feeds: readonly Feed[];
    readonly device: Device;
    readonly board: Commanded | null;
  }[];
  readonly data: string;
  readonly clock: Clock;
}

const Clamps = z.array(z.union([z.literal(1), z.literal(2), z.literal(3)])).max(3);
const Verdict = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("good"), within_percent: z.number() }),
  z.object({ kind: z.literal("limited"), within_percent: z.number() }),
  z.object({
    kind: z.literal("repeat"),
    within_percent: z.number(),
    load: z.enum(["resistive", "reactive-low", "reactive-high"]),
  }),
]);
const Load = z.enum(["nothing", "resistive", "reactive-low", "reactive-high"]);
const Written = z.object({
  do: z.literal("calibrate"),
  board: z.string(),
  what: z.enum(["calibrate", "undo", "restore"]),
  device: z.string(),
  before: Channels,
  after: Channels,
  clamps: Clamps,
  reference: z.string().max(200),
  results: z
    .array(
      z.object({
        clamp: z.union([z.literal(1), z.literal(2), z.literal(3)]),
        residuals: z.array(z.object({ load: Load, percent: z.number(), degrees: z.number() })).max(8),
        verdict: Verdict,
      }),
    )
    .max(3),
});

/** The answer to a verb of calibrating; null where it is another. */
export function calibrationAnswer(
  meter: Meter,
  workshop: Workshop | null,
  request: DoorRequest,
): DoorAnswer | Promise<DoorAnswer> | null {
  if (!["observe", "calibration", "calibrate"].includes(request.do)) return null;
  if (workshop === null) return refusal("no-board", "no board is being metered", "meter first: `esme run`");
  if (request.do === "observe") return { ok: true, result: observed(meter, workshop) };
  const at = workshop.devices.findIndex(({ name, board }) => name === request.board && board !== null);
  const board = workshop.devices[at]?.board;
  if (board == null)
    return refusal("no-board", `there is no board ${String(request.board)}`, "name one of `esme config check`");
  const identity = identityOf(meter, at);
  if (identity === null)
    return refusal("board-lost", "the board does not answer", "see that it is connected, then try again");
  return request.do === "calibration" ? inForce(board, identity) : write(board, identity, workshop, request);
}

function observed(meter: Meter, { devices, clock }: Workshop): object {
  const { inputs } = meter.view();
  return {
    now_ms: clock.mono(),
    devices: devices.map(({ name, feeds, board, device }, k) => {
      const identity = identityOf(meter, k);
      const told = inputs[k]?.power ?? null;
      return {
        name,
        board: board !== null,
        blind: withoutDirection(device),
        sources: feeds.map((feed) => ({
          name: feed.name,
          role: feed.role,
          channel: feed.channel,
          check_of: feed.checkOf ?? null,
        })),
        device: identity?.device ?? null,
        boot: identity?.boot ?? null,
        power: told === null ? null : { at_ms: told.at, ...told.power },
      };
    }),
  };
}

function identityOf(meter: Meter, at: number): Identity | null {
  const device = meter.view().inputs[at]?.device;
  return device === undefined || device.kind === "looking" ? null : device.identity;
}

async function inForce(board: Commanded, identity: Identity): Promise<DoorAnswer> {
  const told = await inForceOf(board, identity);
  return told.ok ? { ok: true, result: told } : told;
}

async function write(
  board: Commanded,
  identity: Identity,
  workshop: Workshop,
  request: DoorRequest,
): Promise<DoorAnswer> {
  const read = Written.safeParse(request);
  if (!read.success)
    return refusal(
      "calibrate",
      `${read.error.issues[0]?.path.join(".")}: ${read.error.issues[0]?.message}`,
      "docs/spec/door.md",
    );
  const history = new CalibrationHistory(workshop.data, identity.device);
  const { do: _, board: __, ...writing } = read.data;
  const written = await writeTo(board, identity, writing, history, workshop.clock);
  return written.ok ? { ok: true, result: written } : written;
}

function refusal(code: string, reason: string, next: string): DoorAnswer {
  return { ok: false, code, reason, next };
}
