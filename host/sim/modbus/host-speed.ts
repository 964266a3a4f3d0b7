// At which speed the program at the other end of a pseudo-terminal speaks: a pty carries any speed as well as another, but it remembers the
// one that was set. Looked up by `stty`, when a silence leaves time for it.

import { spawnSync } from "node:child_process";

/** After so long without an answer, of the machine's time, the host may be somebody else. */
const SILENCE_ms = 300;

export class HostSpeed {
  #known: number | null = null;
  #good_ms = Number.NEGATIVE_INFINITY;

  constructor(private readonly slave: number) {}

  /** The speed as bytes arrive; null where it cannot be known. */
  at(now_ms: number): number | null {
    if (now_ms - this.#good_ms > SILENCE_ms) this.#known = readSpeed(this.slave);
    return this.#known;
  }

  /** It was answered: who speaks now is still the same. */
  answered(now_ms: number): void {
    this.#good_ms = now_ms;
  }
}

function readSpeed(slave: number): number | null {
  const said = spawnSync("stty", ["speed"], { stdio: [slave, "pipe", "ignore"], encoding: "utf8" });
  const speed = Number(said.stdout);
  return said.status === 0 && speed > 0 ? speed : null;
}
