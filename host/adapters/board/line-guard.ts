// A limit before the line parser: bytes without an end of line are dropped and counted, so that a flood cannot fill the memory.

import { Transform, type TransformCallback } from "node:stream";

const LF = 0x0a;

/** Passes bytes through; once a line is longer than `max_bytes` it drops up to and including its LF and tells how many. */
export class LineGuard extends Transform {
  #run = 0;
  #dropped = 0;

  constructor(
    private readonly max_bytes: number,
    private readonly dropped: (bytes: number) => void,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let from = 0;
    while (from < chunk.length) {
      const lf = chunk.indexOf(LF, from);
      const to = lf < 0 ? chunk.length : lf + 1;
      this.#piece(chunk.subarray(from, to), lf >= 0);
      from = to;
    }
    done();
  }

  #piece(piece: Buffer, ends: boolean): void {
    if (this.#run + piece.length > this.max_bytes) {
      // What was passed on of this line ends here; the parser's decoder refuses it by its CRC.
      if (this.#dropped === 0 && this.#run > 0) this.push("\n");
      this.#dropped += piece.length;
      this.#run = this.max_bytes;
    } else {
      this.push(piece);
      this.#run += piece.length;
    }
    if (!ends && this.#dropped < 65_536) return;
    if (this.#dropped > 0) this.dropped(this.#dropped);
    this.#dropped = 0;
    if (ends) this.#run = 0;
  }
}
