// The second board's process: a StandardFirmata on a pseudo-terminal of its own, so that killing it is pulling its plug.
//   node dist/host/sim/firmata/main.js OPTIONS-AS-JSON          (messages.ts: FirmataOptions)
// Prints {"port"} when it is ready, or {"code", "reason", "next"} on stderr and exit 1.

import { readFileSync } from "node:fs";
import { answerParent, fail } from "../answering-process.js";
import { readHex } from "../image.js";
import { openPty } from "../pty.js";
import type { FirmataDevice } from "./device.js";
import { FirmataMachine } from "./machine.js";
import type { Asking, FirmataOptions } from "./messages.js";
import { FirmataPeer } from "./peer.js";
import { FirmataRunner } from "./runner.js";
import { type Seen, WiredBoard } from "./wired-board.js";

/** Simulated ms between looks at the line: a peer's lamps need not be prompt, a machine's UART is fed in time. */
const PEER_STEP_ms = 20;
const EXECUTED_STEP_ms = 2;

function deviceOf({ image, version }: FirmataOptions): FirmataDevice {
  if (image === null) return new FirmataPeer(version);
  const flash = readHex(readFileSync(image, "latin1"), image);
  return "kind" in flash ? fail(1, "image", flash.reason, "fetch it again") : new FirmataMachine(flash);
}

function answer(runner: FirmataRunner, asking: Asking): Seen {
  const { board } = runner;
  if (asking.ask === "pulses") board.pulses(asking.train);
  if (asking.ask === "reset") board.device.reset();
  if (asking.ask === "pause") runner.pause();
  if (asking.ask === "resume") runner.resume();
  return board.seen();
}

const options = JSON.parse(process.argv[2] ?? "null") as FirmataOptions;
const line = openPty();
if ("kind" in line) fail(1, "no-pty", line.reason, "use the peer in-process");
const runner = new FirmataRunner(
  new WiredBoard(deviceOf(options), options.wiring, options.inputs),
  line,
  options.speed,
  options.image === null ? PEER_STEP_ms : EXECUTED_STEP_ms,
);
answerParent<Asking>(
  (asking) => answer(runner, asking),
  () => runner.stop(),
);
runner.start();
process.stdout.write(`${JSON.stringify({ port: line.path })}\n`);
