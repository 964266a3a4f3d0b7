// A house's cumulative readings, one a second, the same for every row of the bench that books or reads them.

import { closeSync, openSync, writeSync } from "node:fs";

export const START_ms = Date.UTC(2026, 0, 1);
export const YEAR_s = 31_536_000;

/** What flows in a second, µWh and µvarh: a house of about a kilowatt that also exports, without a clock or a random number. */
export function flow(second: number): readonly [number, number, number, number] {
  return [100_000 + ((second * 7) % 250_001), (second * 13) % 90_001, 30_000 + (second % 97), second % 31];
}

/** A file of so many seconds, as another program would write it. */
export function writeReadings(path: string, seconds: number): void {
  const file = openSync(path, "w");
  let [imported_uwh, exported_uwh] = [0, 0];
  let text = "";
  for (let second = 1; second <= seconds; second++) {
    const [import_uwh, export_uwh] = flow(second);
    imported_uwh += import_uwh;
    exported_uwh += export_uwh;
    const at = `${new Date(START_ms + second * 1_000).toISOString().slice(0, 19)}Z`;
    text += `${JSON.stringify({ at, import_wh: imported_uwh / 1e6, export_wh: exported_uwh / 1e6 })}\n`;
    if (text.length > 1 << 20 || second === seconds) {
      writeSync(file, text);
      text = "";
    }
  }
  closeSync(file);
}
