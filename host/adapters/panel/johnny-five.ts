// johnny-five and firmata-io, loaded only where a second board is configured: together they take a tenth of a second.

/// <reference path="./packages.d.ts" />

import { EventEmitter } from "node:events";
import type { Firmata } from "firmata-io";
import type { Board } from "johnny-five";

export type { Firmata } from "firmata-io";
export type { Board, Lcd } from "johnny-five";
export type Five = typeof import("johnny-five")["default"];

/** The bytes that go out. */
export type Send = (bytes: Uint8Array, done: () => void) => void;

/** What firmata-io takes for a serial port. What it throws over bytes that are no Firmata ends here. */
export class Transport extends EventEmitter {
  constructor(private readonly send: Send) {
    super();
  }

  write(bytes: Uint8Array, done: () => void = () => {}): boolean {
    this.send(bytes, done);
    return true;
  }

  /** False where the bytes were none that it understands. */
  receive(bytes: Uint8Array): boolean {
    try {
      this.emit("data", bytes);
      return true;
    } catch {
      return false;
    }
  }
}

export interface Loaded {
  readonly five: Five;
  /** A Firmata on a line that is open; it asks for the version by itself where none comes for `patience_ms`. */
  firmata(transport: Transport, patience_ms: number): Firmata;
  /** johnny-five's board on a Firmata that is ready. */
  board(io: Firmata): Promise<Board>;
}

export async function loadFive(): Promise<Loaded> {
  const [{ default: five }, { default: packaged }] = await Promise.all([import("johnny-five"), import("firmata-io")]);
  return {
    five,
    firmata: (transport, patience_ms) => new packaged.Firmata(transport, { reportVersionTimeout: patience_ms }),
    board: (io) =>
      new Promise((resolve) => {
        const board = new five.Board({ io, repl: false, debug: false, sigint: false });
        // It keeps every board for ever, and all that belongs to it; every part here is told which board is its own.
        five.Board.cache.length = 0;
        board.on("error", () => {});
        board.once("ready", () => resolve(board));
      }),
  };
}
