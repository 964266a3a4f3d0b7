// The conformance table is held by a machine: each requirement names code and tests that exist, once.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { conformanceOf, packageRoot, readConformance } from "../host/app/conformance.js";

const root = packageRoot() ?? ".";
const { requirements, choices, absent } = readConformance(root);
const sources = new Map<string, string>();

/** Whether a file has a test of this name: its title, in quotes of any kind. */
function isTested(file: string, name: string): boolean {
  const path = join(root, file);
  if (!existsSync(path)) return false;
  if (!sources.has(file)) sources.set(file, readFileSync(path, "utf8"));
  const source = sources.get(file) ?? "";
  return ['"', "`", "'"].some((quote) => source.includes(`${quote}${name}${quote}`));
}

describe("the conformance table", () => {
  test("is there, with choices and with what is absent", () => {
    expect(requirements.length).toBeGreaterThan(40);
    expect(choices.length).toBeGreaterThan(5);
    expect(absent.length).toBeGreaterThan(4);
  });

  test("gives each number once, to requirements and to choices", () => {
    const numbers = [...requirements, ...choices].map((one) => one.no);
    expect(numbers.filter((no, at) => numbers.indexOf(no) !== at)).toEqual([]);
  });

  test("names only tests that exist", () => {
    const missing = requirements.flatMap(({ no, tests }) =>
      tests.filter(({ file, name }) => !isTested(file, name)).map(({ file, name }) => `${no}: ${file}: "${name}"`),
    );
    expect(missing).toEqual([]);
  });

  test("proves every requirement by a test", () => {
    expect(requirements.filter(({ tests }) => tests.length === 0).map(({ no }) => no)).toEqual([]);
  });

  test("names code that exists for every requirement", () => {
    const broken = requirements.flatMap(({ no, code }) =>
      code.length === 0
        ? [`${no}: none`]
        : code.filter((file) => !existsSync(join(root, file))).map((file) => `${no}: ${file}`),
    );
    expect(broken).toEqual([]);
  });

  test("says of every requirement how sure it is, and every [?] points at a choice that stands there", () => {
    const broken = requirements
      .filter(({ source }) => {
        const named = [...source.matchAll(/\bC\d+\b/g)].map((match) => match[0]);
        const ours = source.includes("[?]");
        if (!/\[[SRF?]\]/.test(source) || ours !== named.length > 0) return true;
        return named.some((name) => !choices.some(({ no }) => no === name));
      })
      .map(({ no, source }) => `${no}: ${source}`);
    expect(broken).toEqual([]);
  });

  test("would be caught with a requirement without a test, or with one that does not exist", () => {
    const row = (tests: string) => `## Clock\n| R1 | keeps time | [S] | \`host/ledger/clock.ts\` | ${tests} |\n`;
    expect(conformanceOf(row("-")).requirements).toEqual([
      {
        no: "R1",
        section: "Clock",
        requirement: "keeps time",
        source: "[S]",
        code: ["host/ledger/clock.ts"],
        tests: [],
      },
    ]);
    const named = conformanceOf(row('`test/ledger/clock.test.ts`: "tells the time on Mars"')).requirements[0]?.tests[0];
    expect(named).toEqual({ file: "test/ledger/clock.test.ts", name: "tells the time on Mars" });
    expect(isTested("test/ledger/clock.test.ts", "tells the time on Mars")).toBe(false);
  });
});
