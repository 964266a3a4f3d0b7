// Every picture of hardware/ is what its text gives, byte for byte, and every page shows the pictures that there are.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const DRAW =
  "import('./hardware/render.mjs').then(async (m) => process.stdout.write(JSON.stringify([...(await m.pictures())])))";

/** In a process of its own: the renderer keeps what it drew last in variables of its module. */
function pictures(): ReadonlyMap<string, string> {
  const out = execFileSync(process.execPath, ["-e", DRAW], { encoding: "utf8", maxBuffer: 16_000_000 });
  return new Map(JSON.parse(out) as [string, string][]);
}

const drawn = pictures();
const pages = readdirSync("hardware").filter((file) => file.endsWith(".md"));
const words = pages.map((page) => readFileSync(`hardware/${page}`, "utf8")).join("\n");

test.each([...drawn.keys()])("hardware/%s is what its text gives: else run npm run schematics", (path) => {
  expect(readFileSync(`hardware/${path}`, "utf8")).toBe(drawn.get(path));
});

test("no picture without a text, none that no page shows, none shown that is not there", () => {
  const committed = ["schematics", "wiring"].flatMap((folder) =>
    readdirSync(`hardware/${folder}`).flatMap((file) => (file.endsWith(".svg") ? [`${folder}/${file}`] : [])),
  );
  expect(committed.sort()).toEqual([...drawn.keys()].sort());
  const shown = [...words.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, path]) => path ?? "");
  expect(committed.filter((path) => !shown.includes(path))).toEqual([]);
  expect(shown.filter((path) => !existsSync(`hardware/${path}`))).toEqual([]);
});

test("each part of a schematic has a line in the bill of materials of the page that shows it", () => {
  for (const page of pages) {
    const text = readFileSync(`hardware/${page}`, "utf8");
    for (const [, name] of text.matchAll(/\(schematics\/([a-z0-9-]+)\.svg\)/g)) {
      const { parts } = JSON.parse(readFileSync(`hardware/schematics/${name}.json`, "utf8")) as {
        readonly parts: Readonly<Record<string, unknown>>;
      };
      const listed = text.split("\n").filter((line) => line.startsWith("|"));
      const missing = Object.keys(parts).filter(
        (ref) => !["PC", "BIAS"].includes(ref) && !listed.some((line) => new RegExp(`\\b${ref}\\b`).test(line)),
      );
      expect(missing, `${page} lists the parts of ${name}`).toEqual([]);
    }
  }
});
