// An LCD with an HD44780 on six wires, as its data sheet has it (Hitachi HD44780U, rev. 0.0): what EN's falling edges clock in, what is
// shown. An instruction that comes before the last is done is counted, and obeyed all the same.

/** Pins of the board: RS, EN, D4, D5, D6, D7. */
export type LcdPins = readonly [number, number, number, number, number, number];

const CLEAR_ms = 1.52;
const INSTRUCTION_ms = 0.037;
const DDRAM = 0x80;
/** Where each row begins in its memory, of two-line displays of up to four rows. */
const ROW_STARTS = [0x00, 0x40, 0x14, 0x54];
/** In 8-bit mode the four lines that are not wired are pulled up inside the controller. */
const UNWIRED = 0x0f;

export class Hd44780 {
  /** Instructions that came before the last was done. */
  tooSoon = 0;
  readonly #memory = new Uint8Array(DDRAM).fill(0x20);
  readonly #levels = [false, false, false, false, false, false];
  #eightBits = true;
  #upper: number | null = null;
  #address = 0;
  #on = false;
  #twoLines = false;
  #ready_ms = 0;

  constructor(
    private readonly pins: LcdPins,
    private readonly columns: number,
    private readonly rows: number,
  ) {}

  pin(pin: number, high: boolean, now_ms: number): void {
    const at = this.pins.indexOf(pin);
    if (at < 0) return;
    const falls = at === 1 && this.#levels[1] === true && !high;
    this.#levels[at] = high;
    if (!falls) return;
    const [data, , d4, d5, d6, d7] = this.#levels;
    const nibble = (d4 ? 1 : 0) | (d5 ? 2 : 0) | (d6 ? 4 : 0) | (d7 ? 8 : 0);
    if (this.#eightBits) return this.#byte(data === true, (nibble << 4) | UNWIRED, now_ms);
    if (this.#upper === null) {
      this.#upper = nibble;
      return;
    }
    const byte = (this.#upper << 4) | nibble;
    this.#upper = null;
    this.#byte(data === true, byte, now_ms);
  }

  /** The rows as one sees them. */
  text(): readonly string[] {
    return Array.from({ length: this.rows }, (_, row) => {
      const from = ROW_STARTS[row] ?? 0;
      const seen = this.#on && (row === 0 || this.#twoLines);
      return seen ? String.fromCharCode(...this.#memory.subarray(from, from + this.columns)) : " ".repeat(this.columns);
    });
  }

  #byte(data: boolean, byte: number, now_ms: number): void {
    if (now_ms < this.#ready_ms) this.tooSoon++;
    this.#ready_ms = now_ms + (!data && byte <= 3 ? CLEAR_ms : INSTRUCTION_ms);
    if (data) {
      this.#memory[this.#address] = byte;
      this.#address = this.#next();
      return;
    }
    if (byte & 0x80) this.#address = byte & 0x7f;
    else if (byte & 0x40)
      return; // characters of one's own: not drawn
    else if (byte & 0x20) {
      this.#eightBits = (byte & 0x10) !== 0;
      this.#twoLines = (byte & 0x08) !== 0;
    } else if (byte & 0x10)
      return; // shifts: not used
    else if (byte & 0x08) this.#on = (byte & 0x04) !== 0;
    else if (byte & 0x04)
      return; // entry mode: it goes right in any case here
    else if (byte & 0x02) this.#address = 0;
    else if (byte & 0x01) {
      this.#memory.fill(0x20);
      this.#address = 0;
    }
  }

  #next(): number {
    const next = this.#address + 1;
    if (!this.#twoLines) return next > 0x4f ? 0 : next;
    return next === 0x28 ? 0x40 : next === 0x68 ? 0 : next;
  }
}
