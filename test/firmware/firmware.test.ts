// The firmware: its core under the sanitizers on this machine, and the committed image rebuilt byte for byte. What a missing tool leaves
// out is said by name; ESME_NO_SKIP=1 makes that a failure.

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** Debian 12's: another version makes another image. */
const COMPILER = "5.4.0";

function make(target: string): { readonly ok: boolean; readonly out: string } {
  const done = spawnSync("make", ["-C", "firmware", "--no-print-directory", target], { encoding: "utf8" });
  return { ok: done.status === 0, out: `${done.stdout}${done.stderr}` };
}

/** Null where the tool is there (in that version), else what to say. */
function missing(tool: string, version = ""): string | null {
  const said = spawnSync(tool, ["--version"], { encoding: "utf8" });
  if (said.error !== undefined) return `${tool} is not installed`;
  return said.stdout.includes(version) ? null : `${tool} is not of version ${version}`;
}

function leftOut(what: string, reasons: readonly (string | null)[]): boolean {
  const reason = reasons.find((one) => one !== null) ?? null;
  if (reason === null) return false;
  if (process.env.ESME_NO_SKIP === "1") throw new Error(`${what} may not be left out here: ${reason}`);
  process.stdout.write(`left out: ${what}, because ${reason}\n`);
  return true;
}

test("the core keeps its laws on this machine, under ASan and UBSan", () => {
  if (leftOut("the C tests of the firmware's core", [missing("make"), missing("gcc")])) return;
  const { ok, out } = make("test");
  expect(ok, out).toBe(true);
  expect(out).toMatch(/^\d+ passed, 0 failed$/m);
});

test("the committed image is what its sources build, byte for byte", () => {
  if (leftOut("the rebuild of the firmware image", [missing("make"), missing("avr-gcc", COMPILER)])) return;
  const { ok, out } = make("verify");
  expect(ok, out).toBe(true);
});
