// Where a house lives on the disk, and what is in it.

import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** $ESME_DATA, else ~/.local/share/esme; a hub's own beside it. */
export function dataDir(suffix = ""): string {
  const named = process.env.ESME_DATA;
  return (named ? named : join(homedir(), ".local", "share", "esme")) + suffix;
}

/** Makes the directory where it is missing, for its owner only. */
export function made(dir: string): string {
  if (!existsSync(dir)) {
    // One by one: a recursive mkdir never ends where a folder can be seen and nothing made in it, as in /proc.
    made(dirname(dir));
    mkdirSync(dir, { mode: 0o700 });
    chmodSync(dir, 0o700);
  }
  return dir;
}

export function storePath(dir: string): string {
  return join(dir, "meter.sqlite");
}

export function configPath(dir: string): string {
  return join(dir, "esme.yaml");
}
