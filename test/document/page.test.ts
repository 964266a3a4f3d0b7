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

  it("has no key, pattern or value that is an OBIS code, written with points or as six octets", () => {
    const words = [...wordsOf(JSON.parse(snapshotSchema()))];
    expect(words).toContain("activeImportRegister");
    expect(words.filter(isObis)).toEqual([]);
  });

  it.each(["1-0:1.8.0.255", "0-1:96.3.10.255", "1.0.1.8.0.255", "0100010800ff", "x0100010800FF"])(
    "would be caught with %s in it",
    (code) => {
      expect([...wordsOf({ properties: { [code]: { enum: [code] } } })].filter(isObis)).toEqual([code, code]);
    },
  );
});

function isObis(word: string): boolean {
  return /\d{1,3}-\d{1,3}:\d|(?<!\d)(\d{1,3}\.){4,5}\d{1,3}(?!\d)|(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])/i.test(word);
}

/** Every key, and every text or number that stands as a value. */
function* wordsOf(part: unknown): Generator<string> {
  if (typeof part !== "object" || part === null) return yield String(part);
  for (const [key, value] of Object.entries(part)) {
    yield key;
    yield* wordsOf(value);
  }
}
