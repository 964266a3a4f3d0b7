// The truth as a file: one JSON line at each whole true second, cumulative since the start, per clamp.
import { closeSync, openSync, writeSync } from "node:fs";
import type { Truth } from "./truth.js";

export class TruthFile {
  readonly #file: number;
  #next_s = 0;

  /** `startUtc_s`: the UTC of true time 0. */
  constructor(
    path: string,
    private readonly truth: Truth,
    private readonly startUtc_s: number,
  ) {
    this.#file = openSync(path, "w");
  }

  /** Writes every second that the truth has come past since the last call. */
  follow(): void {
    let text = "";
    for (; this.#next_s < this.truth.end_s; this.#next_s++) text += this.#line(this.#next_s);
    if (text !== "") writeSync(this.#file, text);
  }

  close(): void {
    this.follow();
    closeSync(this.#file);
  }

  #line(at_s: number): string {
    const energies = this.truth.at(at_s);
    if (energies === null) return "";
    const clamps = energies.slice(0, 3).map((energy) => ({
      import_wh: energy.import_uwh / 1e6,
      export_wh: energy.export_uwh / 1e6,
      import_varh: energy.import_uvarh / 1e6,
      export_varh: energy.export_uvarh / 1e6,
    }));
    const utc = new Date((this.startUtc_s + at_s) * 1000).toISOString();
    return `${JSON.stringify({ at_s, utc, clamps })}\n`;
  }
}
