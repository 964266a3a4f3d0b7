// The pages of hardware/: their settings are ones the program takes, their files are there, and safety is read first.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { expect, test } from "vitest";
import { houseOfFile } from "../../host/app/config/house.js";

const pages = readdirSync("hardware").filter((file) => file.endsWith(".md"));
const ways = pages.filter((file) => !["README.md", "SAFETY.md"].includes(file));
const read = (page: string) => readFileSync(`hardware/${page}`, "utf8");

test.each(ways)("%s: its esme.yaml is one that the program takes", (page) => {
  const [, settings] = /```yaml\n([\s\S]*?)```/.exec(read(page)) ?? [];
  const folder = mkdtempSync(join(tmpdir(), "esme-page-"));
  writeFileSync(join(folder, "esme.yaml"), settings ?? "");
  const house = houseOfFile(join(folder, "esme.yaml"));
  rmSync(folder, { recursive: true });
  expect(house.sources.length).toBeGreaterThan(0);
});

test.each(ways)(
  "%s: has a schematic, a wiring picture, parts, settings, an error budget, and sends to SAFETY.md",
  (page) => {
    const text = read(page);
    for (const wanted of ["](schematics/", "](wiring/", "| part |", "## Settings", "## Error budget", "](SAFETY.md)"])
      expect(text).toContain(wanted);
    const safety = text.indexOf("](SAFETY.md)");
    expect(safety).toBeLessThan(text.indexOf("](schematics/"));
  },
);

test.each(ways)("%s: stands in the index and in SAFETY.md", (page) => {
  expect(read("README.md")).toContain(`](${page})`);
  expect(read("SAFETY.md")).toContain(`](${page})`);
});

test("every image to flash, and every page linked to, is there", () => {
  const text = pages.map(read).join("\n");
  const images = [...text.matchAll(/flash:w:(firmware\/\S+\.hex)/g)].map(([, path]) => path ?? "");
  expect(images.length).toBeGreaterThanOrEqual(3);
  const links = [...text.matchAll(/\]\(([^)#]+)/g)].flatMap(([, link = ""]) =>
    link.startsWith("http") ? [] : [normalize(join("hardware", link))],
  );
  expect([...images, ...links].filter((path) => !existsSync(path))).toEqual([]);
});
