// docs/spec/snapshot.md and its JSON Schema are what the declaration gives, and say nothing of the wire.
// To make them anew: npx vitest run test/document/page.test.ts -u
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { snapshotPage, snapshotSchema, strayMeanings } from "../../host/document/page.js";

const SPEC = join(import.meta.dirname, "../../docs/spec");
const AGAIN = "npx vitest run test/document/page.test.ts -u";

describe(`what is made of the declaration (to make it anew: ${AGAIN})`, () => {
  it("docs/spec/snapshot.md is as the declaration says", async () => {
    await expect(snapshotPage()).toMatchFileSnapshot(join(SPEC, "snapshot.md"));
  });

  it("docs/spec/snapshot.schema.json is as the declaration says", async () => {
    await expect(snapshotSchema()).toMatchFileSnapshot(join(SPEC, "snapshot.schema.json"));
  });

  it("every meaning names a field that exists", () => {
    expect(strayMeanings()).toEqual([]);
  });
});

describe("the JSON Schema of a snapshot", () => {
  it("has no OBIS code, no class and no attribute of the wire in it", () => {
    const text = snapshotSchema();
    expect(text.match(/\d-\d:\d+/g)).toBeNull();
    expect(text.match(/\b(obis|class|attribute|cosem|dlms|logical.?name|octet.?string)\w*/gi)).toBeNull();
  });
});
