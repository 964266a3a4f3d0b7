// An Arduino Uno with StandardFirmata as its surroundings see it: bytes on a line, levels on pins. machine.ts executes the real image,
// peer.ts only speaks the protocol; both live in simulated time.

/** D0..D13 and A0..A5. */
export const UNO_PINS = 20;
/** A0 is pin 14. */
export const FIRST_ANALOG_PIN = 14;

export interface FirmataDevice {
  /** Simulated time since its power came, ms. */
  readonly time_ms: number;
  /** The bytes it sends, as they begin to leave. */
  onBytes: (bytes: Uint8Array) => void;
  /** A pin that it drives, or drove, changed: true where it drives it high. */
  onPin: (pin: number, high: boolean) => void;
  /** Bytes of the host arrive. */
  send(bytes: Uint8Array): void;
  /** What is wired to a pin brings it to this level. */
  setInput(pin: number, high: boolean): void;
  /** Lives up to a time. */
  runUntil(time_ms: number): void;
  /** Presses the reset button. */
  reset(): void;
}
