// The conformance table: docs/spec/smets2.md as rows. The page is the table's only home; this reads it for the command and for the test
// that holds it to the code.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Requirement {
  readonly no: string;
  readonly section: string;
  readonly requirement: string;
  /** Where it comes from and how sure: [S], [R], [F] or [?] with what the page says of them. */
  readonly source: string;
  readonly code: readonly string[];
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

/** Where no source says what to do: what we do, and what in the configuration changes it. */
export interface Choice {
  readonly no: string;
  readonly choice: string;
  readonly key: string;
}

export interface Conformance {
  readonly requirements: readonly Requirement[];
  readonly choices: readonly Choice[];
  /** What a SMETS2 meter has and this one does not. */
  readonly absent: readonly string[];
}

export const PAGE = "docs/spec/smets2.md";

/** The folder that holds the page: the checkout, whether this runs from its source or from its build. */
export function packageRoot(): string | null {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, PAGE))) return folder;
    if (folder === dirname(folder)) return null;
  }
}

export function readConformance(root: string): Conformance {
  return conformanceOf(readFileSync(join(root, PAGE), "utf8"));
}

/** The rows of the page's tables: a requirement's number begins with R, a choice's with C; what is absent is a list. */
export function conformanceOf(page: string): Conformance {
  const requirements: Requirement[] = [];
  const choices: Choice[] = [];
  let absent = "";
  let section = "";
  for (const line of page.split("\n")) {
    if (line.startsWith("## ")) section = line.slice(3);
    const cells = /^\| ?[RC]\d+ ?\|/.test(line) ? line.split("|").map((cell) => cell.trim()) : [];
    const [, no = "", first = "", second = "", code = "", tests = ""] = cells;
    if (no.startsWith("R")) {
      const files = [...code.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
      requirements.push({ no, section, requirement: first, source: second, code: files, tests: testsOf(tests) });
    }
    if (no.startsWith("C")) choices.push({ no, choice: first, key: second });
    if (section === "Not there") absent += `${line}\n`;
  }
  return { requirements, choices, absent: itemsOf(absent) };
}

/** `file`: "name"; several, in any order. A name holds no double quote. */
function testsOf(cell: string): Requirement["tests"] {
  return [...cell.matchAll(/`([^`]+)`: "([^"]+)"/g)].map((match) => ({ file: match[1] ?? "", name: match[2] ?? "" }));
}

/** The items of a list, each on one line. */
function itemsOf(text: string): readonly string[] {
  return text
    .split(/^- /m)
    .slice(1)
    .map((item) => item.trim().replace(/\s+/g, " "));
}
