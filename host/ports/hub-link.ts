// The link between a meter and its communications hub: framed messages both ways, each exactly once and in order.

export type HubMessageKind = "push" | "request" | "answer";

export interface HubMessage {
  readonly id: number;
  readonly kind: HubMessageKind;
  /** At most 64 KiB, opaque to the link. */
  readonly body: Uint8Array;
}

export type HubState =
  | { readonly kind: "joined"; readonly since_ms: number }
  | { readonly kind: "away"; readonly reason: string; readonly next_ms: number };

export interface HubLink {
  /** Connects and goes on trying until `stop`. `wants` gives unacknowledged messages after an id; `acked` tells that the hub has
   * everything up to an id on its disk; `took` hands over a message from the hub and returns once it is kept. */
  start(meter: {
    wants(after: number, limit: number): readonly HubMessage[];
    acked(id: number): void;
    took(message: HubMessage): void;
  }): void;
  /** There is something new to send. */
  nudge(): void;
  state(): HubState;
  stop(): Promise<void>;
}
