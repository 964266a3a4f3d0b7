// What a house is made of: `esme.yaml`, or the one board named by --port. Checked whole; a mistake is told with its line and column.

import { MODELS } from "../../adapters/modbus/catalogue.js";
import type { Settings } from "../../ledger/commands.js";
import { newEsme } from "../../ledger/esme.js";
import { turnEsme } from "../../ledger/turn-esme.js";
import { Utc_ms } from "../../ledger/units.js";
import { installCodeOf } from "../../wire/hub/install-code.js";
import { configPath } from "../data-dir.js";
import { Refusal } from "../refusal.js";
import { duration_ms } from "../words.js";
import { type Mistake, type YamlFile, yamlFile } from "../yaml-file.js";
import { type HousePanel, panelOf } from "./panel.js";
import { type HouseConfig, HouseSchema } from "./schema.js";
import { meterSections, writtenAt } from "./sections.js";
import { feedsOf, type HouseSource } from "./sources.js";
import { sectionsOf } from "./tariff.js";

export interface House {
  readonly sources: readonly HouseSource[];
  /** What the owner ought to know of how the house is made up, a sentence each. */
  readonly notes: readonly string[];
  readonly panel: HousePanel | null;
  readonly commitEvery_ms: number;
  readonly fuse_w: number;
  readonly clock: "system" | "hub";
  /** How the ESME is configured; empty where only a port was named. */
  readonly sections: Settings;
  readonly hub: { readonly host: string; readonly port: number; readonly installCode: string } | null;
}

/** Three phases at the upper end of the supply voltage: a single-phase house passes less, which only makes the doubt milder. */
const WATTS_PER_AMP = 3 * 253;
const DEFAULTS = {
  commitEvery_ms: 10_000,
  fuse_w: 100 * WATTS_PER_AMP,
  clock: "system",
  sections: {},
  panel: null,
  hub: null,
} as const;

/** A house with one clamp board: clamp 1 the grid, clamp 2 generation, clamp 3 a load. */
export function houseOfPort(port: string): House {
  const device = { kind: "board", port, windowCycles: null } as const;
  return {
    ...DEFAULTS,
    sources: [
      { name: "grid", role: "grid", channel: 1, device },
      { name: "generation", role: "generation", channel: 2, device },
      { name: "load", role: "load", channel: 3, device },
    ],
    notes: [],
  };
}

/** The house of a file; a refusal names line and column. */
export function houseOfFile(path: string): House {
  const file = fileAt(path);
  return houseOf(file.as(HouseSchema), file.mistake);
}

function fileAt(path: string): YamlFile {
  try {
    return yamlFile(path, "config-invalid", "mend that line; docs/guides/house.md shows every key");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const next = "write one: `esme init` does, docs/guides/house.md shows how; `esme run --port` needs none";
    throw new Refusal("config-missing", `there is no configuration ${path}`, next);
  }
}

/** The house of a data directory's `esme.yaml`, of --config, or of --port. */
export function houseFor(options: { readonly data: string; readonly config?: string; readonly port?: string }): House {
  if (options.port !== undefined) return houseOfPort(options.port);
  return houseOfFile(options.config ?? configPath(options.data));
}

/** What no schema can say: how the parts agree. */
function houseOf(config: HouseConfig, mistake: Mistake): House {
  const { sources, notes } = feedsOf(config, MODELS, mistake);
  const panel = panelOf(config.panel, sources, mistake);
  const commitEvery_ms = duration_ms(config.meter?.commit_every ?? "10s");
  if (commitEvery_ms < 1_000 || commitEvery_ms > 600_000)
    mistake(["meter", "commit_every"], "lies between 1s and 600s");
  if (config.hub !== undefined && installCodeOf(config.hub.install_code) === null)
    mistake(["hub", "install_code"], "its check digits do not fit: copy it from what `esme hub` printed");
  return {
    sources,
    notes,
    panel,
    commitEvery_ms,
    fuse_w: (config.meter?.fuse_a ?? 100) * WATTS_PER_AMP,
    clock: config.meter?.clock ?? "system",
    sections: sectionsFor(config, mistake),
    hub: config.hub
      ? { host: config.hub.host ?? "127.0.0.1", port: config.hub.port, installCode: config.hub.install_code }
      : null,
  };
}

/** The sections of meter and tariff, tried on a meter that is new: what it refuses is a mistake of the file. */
function sectionsFor(config: HouseConfig, mistake: Mistake): Settings {
  const tariff = config.tariff === undefined ? { sections: {} } : sectionsOf(config.tariff);
  if (!("sections" in tariff)) return mistake(["tariff", ...tariff.place], tariff.rule);
  const sections = { ...meterSections(config, MODELS), ...tariff.sections };
  const at = Utc_ms(Date.now());
  const deed = { kind: "set", sections } as const;
  const { disobeyed } = turnEsme(newEsme(1), { kind: "command", at, by: "configuration", deed });
  if (disobeyed !== null) {
    const { place, rule } = writtenAt(disobeyed.reason);
    mistake(place, rule);
  }
  return sections;
}
