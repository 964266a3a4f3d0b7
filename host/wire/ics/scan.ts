// How the frames of a metering IC are found in a stream of bytes (docs/spec/serial-ics.md): a frame, or bytes discarded with the reason.
// Total, and the same frames come out however the stream is cut into chunks.

export type WireFault = "checksum" | "noise";

export type Piece<F> =
  | { readonly kind: "frame"; readonly frame: F }
  | { readonly kind: "discarded"; readonly fault: WireFault; readonly bytes: Uint8Array };

export interface Split<F> {
  readonly pieces: readonly Piece<F>[];
  /** What may be the beginning of a frame: to be put before the next bytes. */
  readonly rest: Uint8Array;
}

/** What stands at one place: a frame of so many bytes, not enough bytes to say, or no frame. */
export type Match<F> =
  | { readonly kind: "frame"; readonly frame: F; readonly length: number }
  | { readonly kind: "more" }
  | { readonly kind: "none"; readonly fault: WireFault };

export const MORE = { kind: "more" } as const;
export const NOISE = { kind: "none", fault: "noise" } as const;
export const CHECKSUM = { kind: "none", fault: "checksum" } as const;

/** Where no frame begins one byte is discarded and the next one tried, so that a damaged frame cannot hide the sound one behind it. */
export function scan<F>(bytes: Uint8Array, match: (from: Uint8Array) => Match<F>): Split<F> {
  const pieces: Piece<F>[] = [];
  let at = 0;
  let from = 0;
  let fault: WireFault | null = null;
  const discard = () => {
    if (fault !== null) pieces.push({ kind: "discarded", fault, bytes: bytes.slice(from, at) });
    fault = null;
  };
  while (at < bytes.length) {
    const found = match(bytes.subarray(at));
    if (found.kind === "more") break;
    if (found.kind === "none") {
      if (fault !== found.fault) {
        discard();
        fault = found.fault;
        from = at;
      }
      at++;
      continue;
    }
    discard();
    pieces.push({ kind: "frame", frame: found.frame });
    at += found.length;
  }
  discard();
  return { pieces, rest: bytes.slice(at) };
}

/** The sum of the bytes, modulo 256. */
export function sum8(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k < to; k++) sum += bytes[k] ?? 0;
  return sum & 0xff;
}

export function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
