// The COSEM table as a page, and what must hold of every row.

import { describe, expect, it } from "vitest";
import { type Item, keyOf } from "../../host/gbcs/item.js";
import { isProtectedRead } from "../../host/gbcs/protected.js";
import { TABLE } from "../../host/gbcs/table.js";
import { USE_CASES } from "../../host/gbcs/use-cases.js";
import { octetsOfObis } from "../../host/wire/dlms/obis.js";

describe("the COSEM table", () => {
  it("has rows that can be read or learnt, set or called, each under an OBIS code", () => {
    for (const row of TABLE) {
      expect([keyOf(row), octetsOfObis(row.obis)?.length]).toEqual([keyOf(row), 6]);
      const isMethod = row.method !== undefined;
      expect([keyOf(row), isMethod, row.attribute === undefined]).toEqual([keyOf(row), isMethod, isMethod]);
      expect([keyOf(row), isMethod ? row.act !== undefined : row.put !== undefined]).toEqual([keyOf(row), true]);
    }
  });

  it("has a row for every item that a use case may touch, but for the protected reads themselves", () => {
    const known = new Set(TABLE.map(keyOf));
    const touched = USE_CASES.flatMap(({ reads, sets, acts, protectedReads }) => [
      ...reads,
      ...sets,
      ...protectedReads,
      ...acts.filter((key) => !isProtectedRead({ kind: "action", class: Number(key.split("/")[0]), index: 1 })),
    ]);
    expect(touched.filter((key) => !known.has(key))).toEqual([]);
  });

  it("stands in docs/spec/gbcs-table.md", async () => {
    await expect(PAGE).toMatchFileSnapshot("../../docs/spec/gbcs-table.md");
  });
});

const HEAD = `# The COSEM table

Every attribute and method that this meter knows, by class and OBIS code, with the SMETS object that it is. What it is on the wire, and
which section of the [snapshot](snapshot.md) holds it, says its row in \`host/gbcs/objects/\`. Made by \`test/gbcs/table.test.ts\`.

| class | OBIS | A, M | what | may be |
|---|---|---|---|---|
`;
const PAGE = `${HEAD}${TABLE.map(line).join("\n")}\n\n${TABLE.length} rows.\n`;

function line(row: Item): string {
  const can = [
    ...(row.get === undefined ? [] : [row.log === true ? "read by range" : "read"]),
    ...(row.settable === true ? ["set"] : []),
    ...(row.act === undefined ? [] : ["called"]),
  ];
  const index = row.attribute === undefined ? `M${row.method}` : `A${row.attribute}`;
  return `| ${row.class} | ${row.obis} | ${index} | ${row.name} | ${can.join(", ")} |`;
}
