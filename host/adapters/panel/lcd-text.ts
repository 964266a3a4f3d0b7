// The text of an HD44780: writes only the characters that changed, each run of them after one move of the cursor.

import type { Lcd } from "./johnny-five.js";

/** To 4 bits from whatever state, in the middle of a byte too (Hitachi HD44780U, "Initializing by Instruction"). */
const FOUR_BITS = [0x33, 0x32];
/** Two lines or more: johnny-five leaves that to the data lines that are not wired. Then display on, and to the right. */
const SET_UP = [0x28, 0x0c, 0x06];
/** A run goes on over this many characters that did not change: moving the cursor costs as much as writing one. */
const BRIDGED = 1;

export class LcdText {
  #shown: readonly string[] = [];

  constructor(private readonly lcd: Lcd) {
    this.renew();
  }

  /** Sets it up anew: a byte that was lost on the line garbles it no longer. What is shown next is written whole. */
  renew(): void {
    for (const instruction of [...FOUR_BITS, ...SET_UP]) this.lcd.command(instruction);
    this.#shown = [];
  }

  /** Rows of printable ASCII, as wide as the display. */
  show(rows: readonly string[]): void {
    rows.forEach((text, row) => {
      for (const [from, to] of changed(this.#shown[row] ?? "", text)) {
        this.lcd.cursor(row, from);
        // What stands between colons would be taken for the name of a drawn character.
        this.lcd.print(text.slice(from, to), { dontProcessSpecials: true });
      }
    });
    this.#shown = rows;
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
