// A real StandardFirmata image for the Uno: in npm's tarball of avrgirl-arduino 5.0.1 (LGPL). Fetched when a test needs it, kept in a cache
// beside the packages, never installed, never committed. Where it cannot be had, tests that need it are left out by name.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const PACKAGE = "avrgirl-arduino@5.0.1";
const INSIDE = "package/junk/hex/uno/StandardFirmata.cpp.hex";
const SHA256 = "6d57ea7cf30e26c9c2f3a01ee37907d2c951f8bc9c27f84dddad12fa9c8b8f36";
const CACHE = join(process.cwd(), "node_modules", ".cache", "esme-firmata");
const IMAGE = join(CACHE, "standard-firmata-2.4-uno.hex");
const FETCH_ms = 90_000;
/** Where it may be left out nobody waits for a network that is not there. */
const RETRIES = process.env.ESME_NO_SKIP === "1" ? 2 : 0;

/** The image's path, or why there is none. With ESME_NO_SKIP=1 there must be one. */
export function standardFirmata(): { readonly image: string } | { readonly missing: string } {
  try {
    if (!intact(IMAGE)) fetched();
    return { image: IMAGE };
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0] ?? "";
    if (process.env.ESME_NO_SKIP === "1") throw new Error(`StandardFirmata may not be left out here: ${reason}`);
    process.stderr.write(`left out: what needs a StandardFirmata image (${reason})\n`);
    return { missing: reason };
  }
}

function fetched(): void {
  mkdirSync(CACHE, { recursive: true });
  const dir = mkdtempSync(join(CACHE, "fetch-"));
  try {
    const tries = [`--fetch-retries=${RETRIES}`, "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000"];
    execFileSync("npm", ["pack", PACKAGE, "--silent", ...tries], {
      cwd: dir,
      timeout: FETCH_ms,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    execFileSync("tar", ["-xzf", `${PACKAGE.replace("@", "-")}.tgz`, INSIDE], { cwd: dir });
    const unpacked = join(dir, ...INSIDE.split("/"));
    if (!intact(unpacked)) throw new Error(`${INSIDE} of ${PACKAGE} is not the one that is known`);
    renameSync(unpacked, IMAGE);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function intact(path: string): boolean {
  return existsSync(path) && createHash("sha256").update(readFileSync(path)).digest("hex") === SHA256;
}
