// `esme meters`: which Modbus meters there are tables of, what each can tell, and where its numbers stand.

import { MODELS } from "../../adapters/modbus/catalogue.js";
import { addressInWords, DIRECTIONS, inFullName, listed, scaleInWords, stepInWords } from "../../models/listing.js";
import type { Model } from "../../models/model.js";
import { usedWrongly } from "../refusal.js";
import { table } from "../table.js";

export function meters(name: string | undefined, options: { readonly json?: boolean }): void {
  const chosen = name === undefined ? [...MODELS.values()] : [modelOf(name)];
  const [only] = chosen;
  if (options.json === true) process.stdout.write(`${JSON.stringify(chosen.map(listed))}\n`);
  else if (name === undefined || only === undefined) process.stdout.write(`${overview(chosen)}\n`);
  else process.stdout.write(`${inFull(only)}\n`);
}

function modelOf(name: string): Model {
  const model = MODELS.get(name);
  if (model !== undefined) return model;
  const alike = (length: number) => [...MODELS.keys()].filter((one) => one.startsWith(name.slice(0, length)));
  const near = alike(name.length).length > 0 ? alike(name.length) : alike(3);
  const next = near.length > 0 ? `perhaps ${near.join(", ")}; ` : "";
  return usedWrongly(`there is no table of "${name}"`, `${next}\`esme meters\` lists all models`);
}

function overview(models: readonly Model[]): string {
  const rows = models.map((one) => [
    one.model,
    inFullName(one),
    String(one.phases),
    DIRECTIONS[one.direction],
    stepInWords(one),
  ]);
  return table(["model", "meter", "phases", "tells", "step"], rows);
}

function inFull(model: Model): string {
  const { points, sources, notes } = listed(model);
  const rows = points.map((one) => [
    one.name,
    `${one.function}`,
    addressInWords(model, one.address),
    one.words === 1 ? one.type : `${one.type} ${one.wordOrder}`,
    one.unit,
    scaleInWords(one.scale),
  ]);
  return [
    `${inFullName(model)}: ${DIRECTIONS[model.direction]}, steps of ${stepInWords(model)}`,
    ...notes,
    "",
    table(["quantity", "function", "address", "type", "unit", "scale"], rows),
    "",
    ...sources.map((source) => `source: ${source}`),
  ].join("\n");
}
