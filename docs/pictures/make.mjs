// Makes docs/pictures/demo.svg: what `esme demo --for 20s` and `esme read` really print, as a picture of a terminal.
//   npm run build && node docs/pictures/make.mjs

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const house = mkdtempSync(join(tmpdir(), "esme-picture-"));
const esme = (...words) =>
  execFileSync(process.execPath, ["dist/host/app/main.js", ...words], { encoding: "utf8" }).trimEnd();

const demo = esme("demo", "--seed", "1", "--for", "20s", "--data", house).split("\n");
const blank = demo.lastIndexOf("");
const head = demo.findLastIndex((line, at) => at < blank && line.includes("power now"));
const registers = esme("read", "registers", "--data", house).split("\n");
const profile = esme("read", "profile", "--data", house).split("\n");
rmSync(house, { recursive: true, force: true });

const lines = [
  "$ npm start -- --for 20s",
  ...demo.slice(head),
  "",
  "$ esme read registers",
  ...registers.slice(2),
  "",
  "$ esme read profile",
  profile[0],
  ...profile.slice(24, 32),
  "...",
];

const LINE = 19;
const COLUMN = 8.45;
const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * COLUMN) + 40;
const height = lines.length * LINE + 40;
const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const rows = lines.map((line, at) => {
  const colour = line.startsWith("$") ? "#7dd3a0" : "#d6dbe4";
  return `<text x="20" y="${32 + at * LINE}" fill="${colour}" xml:space="preserve">${escaped(line)}</text>`;
});
writeFileSync(
  "docs/pictures/demo.svg",
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"
  font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">
<rect width="${width}" height="${height}" rx="8" fill="#1b1f27"/>
${rows.join("\n")}
</svg>
`,
);
