// The text of a file that a person named: read only as far as such a file can be long, for a pipe or a device may never end.

import { closeSync, openSync, readSync } from "node:fs";
import { Refusal } from "./refusal.js";

const LARGEST_TEXT_bytes = 1_048_576;
const CHUNK_bytes = 65_536;

/** What stands in `path`, or is told by it where it is a pipe; longer than `largest_bytes` is refused. */
export function boundedText(path: string, largest_bytes = LARGEST_TEXT_bytes): string {
  const file = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; ; ) {
      const chunk = Buffer.alloc(CHUNK_bytes);
      const read = readSync(file, chunk);
      if (read === 0) return Buffer.concat(chunks).toString("utf8");
      length += read;
      if (length > largest_bytes)
        throw new Refusal(
          "file-too-large",
          `${path} is longer than ${largest_bytes} bytes`,
          "name the file that was meant",
        );
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}
