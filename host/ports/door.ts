// The owner's door: what another process asks of the one that owns the house, and what it is answered (docs/spec/door.md).

import type { Refusal } from "./store.js";

/** A verb and its own fields. `door` and `id` are the envelope's: the adapter adds and removes them. */
export interface DoorRequest {
  readonly do: string;
  readonly [field: string]: unknown;
}

/** `result` is what JSON can say; as it came through the door, it is for the asker to check. */
export type DoorAnswer = { readonly ok: true; readonly result: unknown } | Refusal;

/** Nothing was asked: there is no door, or nobody behind it. */
export interface Nobody {
  readonly kind: "nobody";
}

/** How the house answers. Its refusals are values, `unknown-verb` among them; what it throws is our bug and ends the process. */
export type Answering = (request: DoorRequest) => DoorAnswer | Promise<DoorAnswer>;

export interface Door {
  readonly ok: true;
  /** Opens to nobody any more, gives the answers that are under way, and is gone. */
  close(): Promise<void>;
}
