// Asks a value what form it is of: null where it is of another, or is not there.
// For the few values of fixed form that this folder knows: ranges and protected attributes.

import type { Data, WholeType } from "./data.js";

/** The values of an array or a structure, where they are so many. */
export function itemsOf(data: Data | undefined, type: "array" | "structure", count?: number): readonly Data[] | null {
  if (data?.type !== type) return null;
  return count === undefined || data.items.length === count ? data.items : null;
}

export function numberOf(data: Data | undefined, type: WholeType): number | null {
  return data?.type === type ? data.value : null;
}

export function bytesOf(data: Data | undefined, length?: number): Uint8Array | null {
  if (data?.type !== "octet-string") return null;
  return length === undefined || data.bytes.length === length ? data.bytes : null;
}
