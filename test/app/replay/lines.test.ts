// `esme replay` reads plain lines from their bytes and all others as JSON: what both can read, both read alike, and the quick way reads
// nothing that JSON would refuse.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { replay } from "../../../host/app/replay/file.js";
import { PlainLines } from "../../../host/app/replay/lines.js";
import { toldBy } from "../../../host/app/replay/told.js";
import { newLedger } from "../../../host/ledger/ledger.js";

function plainly(line: string) {
  const lines = new PlainLines();
  const bytes = Buffer.from(`${line}\nmore`);
  lines.begin(bytes);
  const reading = lines.reading();
  if (reading !== null) expect(lines.at).toBe(bytes.indexOf("\n") + 1);
  return reading;
}

const two = (value: number) => String(value).padStart(2, "0");
const moment = fc
  .record({
    ms: fc.integer({ min: 0, max: 4e12 }),
    zone: fc.constantFrom("Z", "Z", "Z", "Z", "Z", ".5Z", "+01:00", "z", ""),
  })
  .map(({ ms, zone }) => `"${new Date(ms).toISOString().slice(0, 19)}${zone}"`);
const odd = fc
  .tuple(fc.nat(70), fc.nat(70), fc.nat(70))
  .map(([h, m, s]) => `"2026-06-01T${two(h)}:${two(m)}:${two(s)}Z"`);
const digits = (most: number) => fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: most });
const micro = fc
  .tuple(fc.nat(999_999_999), fc.nat(999_999), fc.nat(6))
  .map(([whole, rest, decimals]) => `${whole}.${String(rest).padStart(6, "0")}`.slice(0, -decimals || undefined))
  .map((text) => text.replace(/\.$/, ""));
const energy = fc.oneof(
  { arbitrary: micro, weight: 9 },
  fc.double({ min: 0, max: 9e9, noNaN: true }).map((wh) => JSON.stringify(wh)),
  fc.nat(1_000_000_000).map((milli) => String(milli / 1_000)),
  fc.tuple(digits(11), fc.constantFrom("", ".", "e1", "-"), digits(8)).map((parts) => parts.join("")),
);
const space = fc.constantFrom("", " ", "  ");
const line = fc
  .record({
    at: fc.oneof(moment, odd),
    values: fc.tuple(energy, energy, energy, energy),
    s: space,
    reactive: fc.boolean(),
  })
  .map(({ at, values: [a, b, c, d], s, reactive }) => {
    const more = reactive ? `,${s}"import_varh":${s}${c},${s}"export_varh":${s}${d}` : "";
    return `{"at":${s}${at},${s}"import_wh":${s}${a},${s}"export_wh":${s}${b}${more}}`;
  });

test("a line that is read plainly reads the same as JSON", () => {
  let plain = 0;
  fc.assert(
    fc.property(line, (text) => {
      const reading = plainly(text);
      if (reading === null) return;
      plain++;
      expect(reading).toEqual(toldBy(text));
    }),
    { numRuns: 20_000 },
  );
  expect(plain).toBeGreaterThan(1_000);
});

test("a plain line with any one byte changed, taken out or put in is never read more leniently than JSON", () => {
  const whole = '{"at":"2026-06-01T12:00:01Z","import_wh":123.456789,"export_wh": 0.5,"import_varh":7,"export_varh":0}';
  expect(plainly(whole)).toEqual(toldBy(whole));
  const byte = fc.integer({ min: 1, max: 127 }).filter((code) => code !== 10);
  fc.assert(
    fc.property(fc.nat(whole.length), byte, fc.nat(1), fc.nat(1), (at, code, taken, put) => {
      const text = whole.slice(0, at) + String.fromCharCode(code).repeat(put) + whole.slice(at + taken);
      const reading = plainly(text);
      if (reading !== null) expect(reading).toEqual(toldBy(text));
    }),
    { numRuns: 20_000 },
  );
});

test("lines are found across the edges of what is read at a time, with either line end and without the last", async () => {
  const dir = mkdtempSync(join(tmpdir(), "esme-replay-"));
  try {
    for (const [end, pad] of [
      ["\n", 0],
      ["\r\n", 1],
      ["\n", 2_000],
    ] as const) {
      let text = "";
      for (let second = 0; second < 3_000; second++) {
        const at = new Date(Date.UTC(2026, 5, 1) + second * 1_000).toISOString().slice(0, 19);
        // Every third line is not plain: other keys come first.
        const odd = second % 3 === 0 ? `"note":"é${"x".repeat(pad)}",` : "";
        text += `{${odd}"at":"${at}Z","import_wh":${second / 1_000},"export_wh":0}${second === 2_999 ? "" : end}`;
      }
      const file = join(dir, "readings.jsonl");
      writeFileSync(file, text);
      const done = await replay(file, { esme: null, ledger: newLedger() }, () => {});
      expect(done).toMatchObject({ readings: 3_000, bad: 0 });
      expect(done.account.ledger.cumulative[0]).toBe(2_999_000);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
