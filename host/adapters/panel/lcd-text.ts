// The text of an HD44780: writes only the characters that changed, each run of them after one move of the cursor.

import type { Lcd } from "./johnny-five.js";

/** Two lines or more, 4 bits: johnny-five leaves the number of lines to the data lines that are not wired. */
const TWO_LINES = 0x28;
/** A run goes on over this many characters that did not change: moving the cursor costs as much as writing one. */
const BRIDGED = 1;

export class LcdText {
  readonly #shown: string[];

  /** A display that was just cleared. */
  constructor(
    private readonly lcd: Lcd,
    columns: number,
    rows: number,
  ) {
    this.#shown = Array.from({ length: rows }, () => " ".repeat(columns));
    lcd.command(TWO_LINES);
  }

  /** Rows of printable ASCII, as wide as the display. */
  show(rows: readonly string[]): void {
    rows.forEach((text, row) => {
      for (const [from, to] of changed(this.#shown[row] ?? "", text)) {
        this.lcd.cursor(row, from);
        // What stands between colons would be taken for the name of a drawn character.
        this.lcd.print(text.slice(from, to), { dontProcessSpecials: true });
      }
      this.#shown[row] = text;
    });
  }
}

/** Runs of columns in which two texts of one length differ. */
export function changed(before: string, now: string): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (let at = 0; at < now.length; at++) {
    if (before[at] === now[at]) continue;
    const last = runs.at(-1);
    if (last !== undefined && at - last[1] <= BRIDGED) last[1] = at + 1;
    else runs.push([at, at + 1]);
  }
  return runs;
}
