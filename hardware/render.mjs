// Renders every schematic and wiring picture of hardware/ from its text: npm run schematics.
// test/hardware/schematics.test.ts renders them again and compares the committed pictures byte for byte.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { drawn } from "./schematic.mjs";
import { wired } from "./wiring.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/** All pictures as text, by their path under hardware/. */
export async function pictures() {
  const found = new Map();
  for (const [folder, draw] of [
    ["schematics", drawn],
    ["wiring", wired],
  ])
    for (const file of readdirSync(join(here, folder)).sort())
      if (file.endsWith(".json"))
        found.set(
          `${folder}/${file.replace(/json$/, "svg")}`,
          await draw(JSON.parse(readFileSync(join(here, folder, file), "utf8"))),
        );
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [path, svg] of await pictures()) writeFileSync(join(here, path), svg);
