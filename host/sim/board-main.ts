// The board process: a simulated board on a pseudo-terminal of its own, so that killing it is pulling its plug.
//   node dist/host/sim/board-main.js --scenario demo --seed 3 --speed 1 ...     (board-options.ts says what there is)
// Prints one JSON line when it is ready, {"port", "clock", ...}, or {"code", "reason", "next"} on stderr and exit 1 or 2.
// A parent that forked it may ask and command by messages, board-messages.ts.
import { answerParent, fail, failByThrowing } from "./answering-process.js";
import type { Answer, Asking } from "./board-messages.js";
import { readBoardOptions } from "./board-options.js";
import { BoardRunner } from "./board-runner.js";
import { openPty } from "./pty.js";

/** `--name value ...` to an object; a value that reads as JSON is taken as that. */
function parseArguments(words: readonly string[]): unknown {
  const given: Record<string, unknown> = {};
  for (let at = 0; at < words.length; at += 2) {
    const name = words[at] ?? "";
    const value = words[at + 1];
    if (!name.startsWith("--") || value === undefined) return name;
    given[name.slice(2)] = readValue(value);
  }
  return given;
}

function readValue(word: string): unknown {
  try {
    return JSON.parse(word);
  } catch {
    return word;
  }
}

function answer(runner: BoardRunner, question: Asking): Answer {
  switch (question.ask) {
    case "truth-at-board":
      return runner.truthAtBoard(question.boot, question.t_ms);
    case "truth-at":
      return runner.truthAt(question.at_s);
    case "truth-at-utc":
      return runner.truthAtUtc(question.utc_ms);
    case "calibration":
      return runner.board.calibration();
    case "pause":
      runner.pause();
      break;
    case "resume":
      runner.resume();
      break;
    case "power-cut":
      runner.board.powerCut(question.off_s);
      break;
    case "reset":
      runner.board.reset();
      break;
    case "corrupt":
      runner.corruption = question.rate;
      break;
    case "status":
      break;
  }
  return runner.status();
}

failByThrowing();
const options = readBoardOptions(parseArguments(process.argv.slice(2)));
if ("kind" in options) fail(2, "board-options", options.reason, "see host/sim/board-options.ts for what there is");
const line = openPty();
if ("kind" in line) fail(1, "no-pty", line.reason, "use the board in-process");
const runner = BoardRunner.build(options, line);
if ("kind" in runner) fail(1, "board", runner.reason, "put that right and start again");

answerParent<Asking>(
  (asking) => answer(runner, asking),
  () => runner.stop(),
);
runner.start();
const ready = {
  port: line.path,
  pid: process.pid,
  clock: runner.clock,
  seed: options.seed,
  fidelity: options.fidelity,
};
process.stdout.write(`${JSON.stringify(ready)}\n`);
