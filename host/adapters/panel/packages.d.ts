// What this folder uses of two packages that bring no types: johnny-five 2.1.0 and firmata-io 2.3.0.

declare module "johnny-five" {
  export interface Board {
    readonly io: import("firmata-io").Firmata;
    once(event: "ready", call: () => void): void;
    on(event: "error", call: (error: unknown) => void): void;
    pinMode(pin: number, mode: number): void;
    digitalWrite(pin: number, value: 0 | 1): void;
    /** The level of the pin, whenever one of its port has changed. */
    digitalRead(pin: number, call: (value: number) => void): void;
    analogRead(channel: number, call: (value: number) => void): void;
    sysexCommand(bytes: readonly number[]): void;
  }
  export interface Lcd {
    command(value: number): void;
    cursor(row: number, column: number): void;
    print(text: string, options: { readonly dontProcessSpecials: boolean }): void;
  }
  interface Wired {
    readonly board: Board;
  }
  const five: {
    readonly Board: {
      new (options: {
        readonly io: import("firmata-io").Firmata;
        readonly repl: false;
        readonly debug: false;
        readonly sigint: false;
      }): Board;
      /** Every board that was ever made. */
      readonly cache: Board[];
    };
    readonly LCD: new (
      options: Wired & { readonly pins: readonly number[]; readonly rows: number; readonly cols: number },
    ) => Lcd;
  };
  export default five;
}

declare module "firmata-io" {
  export interface Firmata {
    readonly isReady: boolean;
    readonly versionReceived: boolean;
    readonly version: { readonly major: number; readonly minor: number };
    readonly firmware: { readonly name?: string };
    readonly pins: readonly unknown[];
    readonly MODES: { readonly INPUT: number; readonly OUTPUT: number };
    /** The bytes of a message that is not complete. */
    readonly buffer: number[];
    readonly reportVersionTimeoutId: NodeJS.Timeout;
    setMaxListeners(most: number): void;
    once(event: "ready", call: () => void): void;
    on(event: "reportversion", call: () => void): void;
    on(event: "error", call: (error: unknown) => void): void;
    reportVersion(call: () => void): void;
    queryFirmware(call: () => void): void;
  }
  const packaged: {
    readonly Firmata: new (transport: object, options: { readonly reportVersionTimeout: number }) => Firmata;
  };
  export default packaged;
}
