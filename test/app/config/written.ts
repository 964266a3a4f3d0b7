// A configuration as a test writes it, and what is told of its first mistake.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { houseOfFile } from "../../../host/app/config/house.js";
import { Refusal } from "../../../host/app/refusal.js";

/** Where to write one: each test file has its own. */
export const path = join(mkdtempSync(join(tmpdir(), "esme-config-")), "esme.yaml");

/** Its place and what is wrong there, without the file's name. */
export function mistake(): string {
  try {
    houseOfFile(path);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.code).toBe("config-invalid");
    return error.reason.slice(path.length + 1);
  }
  return "sound";
}
