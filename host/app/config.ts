// What a house is made of: `esme.yaml`, or the one board named by --port. Checked whole; a mistake is told with its line and column.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { Role } from "../ports/store.js";
import { Refusal } from "./refusal.js";
import { duration_ms } from "./words.js";

const Duration = z.string().regex(/^\d+(\.\d+)?(ms|s|m|h)$/, "write a duration such as 10s");
const SourceSchema = z.strictObject({
  /** The ledger's name. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, "a name is lower-case letters, digits and hyphens"),
  role: z.enum(["grid", "generation", "load", "battery"]),
  kind: z.literal("clamp-board"),
  port: z.string().min(1),
  /** Clamp 1..3, or 4: the sum over the board's clamp set. */
  channel: z.int().min(1).max(4),
});
const HouseSchema = z.strictObject({
  version: z.literal(1),
  meter: z
    .strictObject({
      /** 1 s .. 600 s: how much a crash makes the board tell again, against wear of the card. */
      commit_every: Duration.optional(),
      /** Amps per phase that the supply's fuse passes, 1..400: a counter that says more is doubted. */
      fuse_a: z.number().min(1).max(400).optional(),
    })
    .optional(),
  sources: z.array(SourceSchema).min(1).max(32),
  hub: z
    .strictObject({ host: z.string().optional(), port: z.int().min(1).max(65_535), install_code: z.string().min(1) })
    .optional(),
});

export interface House {
  readonly sources: readonly {
    readonly name: string;
    readonly role: Role;
    readonly port: string;
    readonly channel: number;
  }[];
  readonly commitEvery_ms: number;
  readonly fuse_w: number;
  readonly hub: { readonly host: string; readonly port: number; readonly installCode: string } | null;
}

/** Three phases at the upper end of the supply voltage: a single-phase house passes less, which only makes the doubt milder. */
const WATTS_PER_AMP = 3 * 253;
const DEFAULTS = { commitEvery_ms: 10_000, fuse_w: 100 * WATTS_PER_AMP, hub: null };

/** A house with one clamp board: clamp 1 the grid, clamp 2 generation, clamp 3 a load. */
export function houseOfPort(port: string): House {
  return {
    ...DEFAULTS,
    sources: [
      { name: "grid", role: "grid", port, channel: 1 },
      { name: "generation", role: "generation", port, channel: 2 },
      { name: "load", role: "load", port, channel: 3 },
    ],
  };
}

/** The house of a file; a refusal names line and column. */
export function houseOfFile(path: string): House {
  if (!existsSync(path))
    throw new Refusal(
      "config-missing",
      `there is no configuration ${path}`,
      "name the board with --port, or write an esme.yaml",
    );
  const text = readFileSync(path, "utf8");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const refuseAt = (offset: number, reason: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new Refusal(
      "config-invalid",
      `${path}:${line}:${col}: ${reason}`,
      "mend that line; docs/guides/house.md shows every key",
    );
  };
  const broken = document.errors[0];
  if (broken !== undefined) refuseAt(broken.pos[0], broken.message.split("\n")[0] ?? "not YAML");
  const parsed = HouseSchema.safeParse(document.toJS());
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const keys = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
    const place = [...(issue?.path ?? []), ...keys];
    let node: unknown;
    for (let depth = place.length; node === undefined && depth >= 0; depth--) {
      const found = document.getIn(place.slice(0, depth) as string[], true);
      if (isNode(found)) node = found;
    }
    const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    refuseAt(offset, `${place.join(".") || "the file"}: ${issue?.message ?? "not understood"}`);
  }
  return checked(path, parsed.data as z.infer<typeof HouseSchema>);
}

/** The house of a data directory's `esme.yaml`, of --config, or of --port. */
export function houseFor(options: { readonly data: string; readonly config?: string; readonly port?: string }): House {
  if (options.port !== undefined) return houseOfPort(options.port);
  return houseOfFile(options.config ?? join(options.data, "esme.yaml"));
}

function checked(path: string, house: z.infer<typeof HouseSchema>): House {
  const refuse = (reason: string): never => {
    throw new Refusal(
      "config-invalid",
      `${path}: ${reason}`,
      "mend the sources; docs/guides/house.md shows an example",
    );
  };
  const names = house.sources.map((source) => source.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) refuse(`two sources are called ${twice}`);
  const places = house.sources.map((source) => `channel ${source.channel} of ${source.port}`);
  const shared = places.find((place, index) => places.indexOf(place) !== index);
  if (shared !== undefined) refuse(`${shared} feeds two sources`);
  const grids = house.sources.filter((source) => source.role === "grid").length;
  if (grids !== 1) refuse(`exactly one source has the role grid, not ${grids}`);
  const commitEvery_ms = duration_ms(house.meter?.commit_every ?? "10s");
  if (commitEvery_ms < 1_000 || commitEvery_ms > 600_000) refuse("commit_every lies between 1s and 600s");
  return {
    sources: house.sources,
    commitEvery_ms,
    fuse_w: (house.meter?.fuse_a ?? 100) * WATTS_PER_AMP,
    hub: house.hub
      ? { host: house.hub.host ?? "127.0.0.1", port: house.hub.port, installCode: house.hub.install_code }
      : null,
  };
}
