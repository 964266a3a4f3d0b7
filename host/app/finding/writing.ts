// Writing an esme.yaml that was not there before: its text with words for its owner, checked as `esme config check` does, and put in its
// place in one step, so that no half of it is ever seen.

import { chmodSync, existsSync, linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type House, houseOfFile } from "../config/house.js";
import { configPath, made } from "../data-dir.js";
import { Refusal, refuse } from "../refusal.js";
import { type Point, type PointRole, yamlLine } from "./points.js";

export interface Chosen {
  readonly point: Point;
  readonly name: string;
  readonly role: PointRole;
  readonly checkOf: string | null;
}

export function textOf(chosen: readonly Chosen[]): string {
  const sources = chosen.flatMap(({ point, name, role, checkOf }) => [
    `  # ${point.what}`,
    ...(point.alike.length === 0 ? [] : [`  # it may as well be one of these: ${point.alike.join(", ")}`]),
    ...(point.blind === null ? [] : [`  # ${point.blind}: all that flows there is counted as import`]),
    `  ${yamlLine(name, role, checkOf === null ? point.keys : { check_of: checkOf, ...point.keys })}`,
  ]);
  return [
    "# Written by `esme init`. docs/guides/house.md shows every key; `esme config check` says whether a change is understood.",
    "version: 1",
    "meter:",
    "  fuse_a: 100   # amps per phase of the company's fuse: a counter that says more is doubted",
    "sources:        # exactly one has the role grid",
    ...sources,
    "",
  ].join("\n");
}

export function refuseExisting(data: string, force: boolean): void {
  const path = configPath(data);
  if (existsSync(path) && !force) {
    const next = "`esme config check` checks it; --force replaces it, --data begins another house";
    refuse({ code: "config-exists", reason: `there is an esme.yaml already: ${path}`, next });
  }
}

/** The house that was written; a configuration that would be refused is not written. */
export function written(data: string, text: string, force: boolean): House {
  made(data);
  const path = configPath(data);
  const draft = join(data, `esme.yaml.${process.pid}.new`);
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: "wx" });
    const house = checked(draft);
    if (force) renameSync(draft, path);
    else place(draft, path);
    chmodSync(path, 0o600);
    return house;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Never over a file that somebody wrote meanwhile. */
function place(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST" && !existsSync(path)) return renameSync(draft, path);
    refuse({ code: "config-exists", reason: `there is an esme.yaml already: ${path}`, next: "--force replaces it" });
  }
}

function checked(draft: string): House {
  try {
    return houseOfFile(draft);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const reason = error.reason.replace(/^.*\.new:\d+:\d+: /, "");
    throw new Refusal(error.code, `that cannot be a house: ${reason}`, "nothing was written: answer otherwise");
  }
}
