// The second board's process: a StandardFirmata on a pseudo-terminal of its own, so that killing it is pulling its plug.
//   node dist/host/sim/firmata/main.js OPTIONS-AS-JSON          (messages.ts: FirmataOptions)
// Prints {"port"} when it is ready, or {"code", "reason", "next"} on stderr and exit 1.

import { readFileSync } from "node:fs";
import { readHex } from "../image.js";
import { openPty } from "../pty.js";
import type { FirmataDevice } from "./device.js";
import { FirmataMachine } from "./machine.js";
import type { Answer, FirmataOptions, Question } from "./messages.js";
import { FirmataPeer } from "./peer.js";
import { FirmataRunner } from "./runner.js";
import { WiredBoard } from "./wired-board.js";

/** Simulated ms between looks at the line: a peer's lamps need not be prompt, a machine's UART is fed in time. */
const PEER_STEP_ms = 20;
const EXECUTED_STEP_ms = 2;

function fail(code: string, reason: string, next: string): never {
  process.stderr.write(`${JSON.stringify({ code, reason, next })}\n`);
  process.exit(1);
}

function deviceOf({ image, version }: FirmataOptions): FirmataDevice {
  if (image === null) return new FirmataPeer(version);
  const flash = readHex(readFileSync(image, "latin1"), image);
  return "kind" in flash ? fail("image", flash.reason, "fetch it again") : new FirmataMachine(flash);
}

function answer({ board }: FirmataRunner, question: Question): Answer {
  if (question.ask === "pulses") board.pulses(question.train);
  if (question.ask === "reset") board.device.reset();
  if (question.ask === "pause") runner.pause();
  if (question.ask === "resume") runner.resume();
  return { id: question.id, answer: board.seen() };
}

const options = JSON.parse(process.argv[2] ?? "null") as FirmataOptions;
const line = openPty();
if ("kind" in line) fail("no-pty", line.reason, "use the peer in-process");
const runner = new FirmataRunner(
  new WiredBoard(deviceOf(options), options.wiring, options.inputs),
  line,
  options.speed,
  options.image === null ? PEER_STEP_ms : EXECUTED_STEP_ms,
);
process.on("message", (question: Question) => process.send?.(answer(runner, question)));
process.on("disconnect", () => process.exit(0));
// Who forked it may have gone before this was listened for.
if (process.connected === false) process.exit(0);
runner.start();
process.stdout.write(`${JSON.stringify({ port: line.path })}\n`);
