// What the supply state moves: a relay, or nothing. The meter tells it the state whenever that changes, and once when it starts.

export type SupplyStateValue = "enabled" | "disabled" | "armed";

export interface SupplySwitch {
  /** Current flows only while the supply is enabled. Must not throw; what it cannot do it tells elsewhere. */
  follow(state: SupplyStateValue): void;
}
