// What every simulator can be told in the same words, and the first mistake in what one was told.

import { z } from "zod";
import { fault, type SimFault, scenarioSchema } from "./scenario.js";

export const COMMON = {
  /** A name, a file, or the scenario itself. */
  scenario: z.union([z.string(), scenarioSchema]).default("solar-home"),
  seed: z.int().min(0).max(0xffff_ffff).default(1),
  /** File for the truth: one JSON line a true second. */
  truth: z.string().optional(),
  /** A clock shared with others: utc = anchorUtc + (wall - anchorWall) * speed. */
  clock: z
    .strictObject({ anchorWall_ms: z.number(), anchorUtc_ms: z.number(), speed: z.number().positive() })
    .optional(),
};

/** The options, completed and checked. */
export function readOptions<S extends z.ZodType>(schema: S, input: unknown, whose: string): z.output<S> | SimFault {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  const first = read.error.issues[0];
  const where = first === undefined || first.path.length === 0 ? "" : `${first.path.join(".")}: `;
  return fault(`${whose} are wrong: ${where}${first?.message ?? "they cannot be read"}`);
}
