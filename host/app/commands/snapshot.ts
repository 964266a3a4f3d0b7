// `esme snapshot` and `esme restore`: a meter is a document too.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { openReader } from "../../adapters/store/house-reader.js";
import { documentOf } from "../../document/snapshot.js";
import { systemClock } from "../clocks.js";
import { storePath } from "../data-dir.js";
import { refuse } from "../refusal.js";
import { ask } from "../verbs.js";

interface Options {
  readonly data: string;
  readonly json?: boolean;
}

export function snapshot({ data }: Options): void {
  const opened = openReader(storePath(data));
  if (!opened.ok) refuse(opened);
  const { reader } = opened;
  try {
    const grid = reader.ledgers().find(({ role }) => role === "grid");
    const esme = grid === undefined ? null : reader.esme(grid.name);
    if (grid === undefined || esme === null)
      return refuse({ code: "no-meter", reason: "this house has no grid yet", next: "meter first: `esme run`" });
    process.stdout.write(
      `${JSON.stringify(documentOf(esme, { at: systemClock.utc(), meter: reader.meter(), source: grid.name }), null, 1)}\n`,
    );
  } finally {
    reader.close();
  }
}

export async function restore(file: string, { data, json }: Options): Promise<void> {
  const path = resolve(file);
  if (!existsSync(path)) refuse({ code: "enoent", reason: `there is no file ${path}`, next: "check the path" });
  await ask(data, { do: "restore", file: path });
  const told = { schema: "esme/restore/1", file: path };
  process.stdout.write(`${json === true ? JSON.stringify(told) : `the meter is what ${path} says`}\n`);
}
