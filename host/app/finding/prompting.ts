// Asking a person: a question, a default, an answer. What is typed ahead or piped in is taken line by line; the end of input, or Ctrl-C,
// ends the command before anything is written.

import { createInterface, type Interface } from "node:readline";
import { Refusal } from "../refusal.js";

export interface Prompter {
  say(text: string): void;
  /** An empty answer is the default. Asked again with the reason while `wrong` gives one. */
  ask(question: string, usual: string, wrong?: (answer: string) => string | null): Promise<string>;
  close(): void;
}

/** More wrong answers in a row than this, and nobody is reading the reasons. */
const MOST_TRIES = 10;
/** Lines typed ahead: more are left where they come from. */
const MOST_AHEAD = 64;

export function prompter(
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stdout,
): Prompter {
  const lines: string[] = [];
  let waiting: { readonly take: (line: string) => void; readonly stop: (why: Refusal) => void } | null = null;
  let over = false;
  const reading: Interface = createInterface({ input, output, terminal: process.stdin.isTTY === true });
  const stopped = () =>
    new Refusal("interrupted", "it was ended before all was asked", "nothing was written: begin again");
  reading.on("line", (line) => {
    if (waiting === null) {
      lines.push(line);
      if (lines.length >= MOST_AHEAD) reading.pause();
    } else waiting.take(line);
    waiting = null;
  });
  const end = () => {
    over = true;
    // What is told next begins a line of its own.
    if (waiting !== null) output.write("\n");
    waiting?.stop(stopped());
    waiting = null;
  };
  reading.on("SIGINT", () => reading.close());
  reading.on("close", end);
  const next = () =>
    new Promise<string>((resolve, reject) => {
      const line = lines.shift();
      if (line !== undefined) resolve(line);
      else if (over) reject(stopped());
      else {
        waiting = { take: resolve, stop: reject };
        reading.resume();
      }
    });
  return {
    say: (text) => void output.write(`${text}\n`),
    async ask(question, usual, wrong = () => null) {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        output.write(`${question}${usual === "" ? "" : ` [${usual}]`} `);
        const typed = (await next()).trim();
        const answer = typed === "" ? usual : typed;
        const reason = wrong(answer);
        if (reason === null) return answer;
        output.write(`  ${reason}\n`);
      }
      throw new Refusal("no-answer", `no usable answer to: ${question}`, "nothing was written: begin again");
    },
    close: () => reading.close(),
  };
}
