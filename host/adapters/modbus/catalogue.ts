// The meters that there are tables of: every file of host/models/meters. A new model is a new file there, and no edit anywhere.

import { readdirSync } from "node:fs";
import { assert } from "../../ledger/assert.js";
import type { Model } from "../../models/model.js";

/** All tables of a directory, by model, in alphabetical order. */
export async function loadModels(directory: URL): Promise<ReadonlyMap<string, Model>> {
  const files = readdirSync(directory).filter((file) => /^[a-z0-9-]+\.(js|ts)$/.test(file));
  const models = await Promise.all(
    files.sort().map(async (file): Promise<[string, Model]> => {
      const { default: model } = (await import(new URL(file, directory).href)) as { default: Model };
      const name = file.replace(/\.(js|ts)$/, "");
      assert(model.model === name, `the table of ${model.model} stands in a file of its name, not in ${file}`);
      return [name, model];
    }),
  );
  return new Map(models);
}

export const MODELS = await loadModels(new URL("../../models/meters/", import.meta.url));
