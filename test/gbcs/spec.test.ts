// The page of the message format, docs/spec/gbcs.md, says what the rows of the use cases say, and its worked example is real.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { explain, itemsOf } from "../../host/gbcs/explain.js";
import { itemOf } from "../../host/gbcs/table.js";
import { USE_CASES, type UseCase } from "../../host/gbcs/use-cases.js";

const page = readFileSync("docs/spec/gbcs.md", "utf8");
const octetsOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const ROLES: { readonly [role: string]: string } = {
  supplier: "S",
  networkOperator: "N",
  accessControlBroker: "B",
  loadController: "L",
};

/** Items of the use case for which the meter has no row that does it. */
function missing({ reads, protectedReads, sets, acts }: UseCase): readonly string[] {
  return [
    ...[...reads, ...protectedReads].filter((key) => itemOf(key)?.get === undefined),
    ...sets.filter((key) => itemOf(key)?.settable !== true),
    ...acts.filter((key) => !key.startsWith("30/") && itemOf(key)?.act === undefined),
  ];
}

function lineOf(row: UseCase): string {
  const secured = [
    row.critical ? "signed" : "",
    row.replayProtected ? "counter" : "",
    row.protectedReads.length > 0 ? "encrypted" : "",
    row.time ? "time" : "",
  ];
  const lacks = missing(row);
  return [
    "",
    ` ${row.name} `,
    ` ${row.code.toString(16).toUpperCase().padStart(4, "0")} `,
    ` ${row.title} `,
    ` ${row.roles.map((role) => ROLES[role]).join(" ")} `,
    ` ${secured.filter((word) => word !== "").join(", ")} `,
    ` ${row.sure} `,
    ` ${lacks.length === 0 ? "yes" : `without ${lacks.join(", ")}`} `,
    "",
  ].join("|");
}

test("its table of use cases is the rows'", () => {
  const [, table = ""] = page.split("| use case | code | what |");
  const lines = table.split("\n\n")[0]?.split("\n").slice(2) ?? [];
  expect(lines).toEqual(USE_CASES.map(lineOf));
});

test("its worked example is what `esme gbcs explain` says", () => {
  const blocks = [...page.matchAll(/```\n(DD[0-9A-F\n]+)\n\n([^`]+)```/g)].map(([, hex = "", told = ""]) => ({
    bytes: octetsOf(hex.replace(/\s/g, "")),
    told,
  }));
  expect(blocks).toHaveLength(2);
  const [command, response] = blocks;
  expect(pageOf(command?.bytes)).toBe(command?.told);
  expect(pageOf(response?.bytes, command?.bytes)).toBe(response?.told);
});

/** Place, bytes, name, value: nine bytes of what is longer than ten. */
function pageOf(bytes = new Uint8Array(0), command = bytes): string {
  const hex = (octets: Uint8Array) =>
    Array.from(octets, (one) => one.toString(16).toUpperCase().padStart(2, "0")).join("");
  return explain(bytes, { items: itemsOf(command) })
    .map((line) => {
      const shown = line.bytes.length > 10 ? `${hex(line.bytes.subarray(0, 9))}..` : hex(line.bytes);
      return `${String(line.at).padStart(6)}  ${shown.padEnd(20)}  ${"  ".repeat(line.depth)}${line.name}: ${line.value}\n`;
    })
    .join("");
}

test("the guide for a lesson takes the page's command apart, and its bytes are there", () => {
  const guide = readFileSync("docs/guides/gbcs.md", "utf8");
  const [, command = ""] = /```\n(DD[0-9A-F\n]+)```/.exec(guide) ?? [];
  expect(page).toContain(`\`\`\`\n${command}\n`);
  const bytes = command.replace(/\s/g, "");
  expect(guide).toContain(`each of its ${bytes.length / 2} bytes`);
  const named = [...guide.matchAll(/^\| `(.*?)`(?:, `(.*?)`| to `(.*?)`)? \|/gm)].flatMap((row) => row.slice(1));
  const runs = named.flatMap((one) => (one ?? "").split(" .. ")).map((one) => one.replace(/ /g, ""));
  expect(runs.length).toBeGreaterThan(7);
  for (const run of runs) expect(bytes, run).toContain(run);
});
