// What `esme sim board` and `esme sim meter` have in common: a scenario that must be there, and why the process of the simulator ended.

import { existsSync } from "node:fs";
import { SCENARIO_NAMES } from "../../sim/scenario.js";
import { refuse, usedWrongly } from "../refusal.js";

/** What is wrong in a scenario's file is the file's fault, and told by the simulator; that there is none is the call's. */
export function refuseNoScenario(scenario: string): void {
  if (!SCENARIO_NAMES.includes(scenario) && !existsSync(scenario))
    usedWrongly(`there is no scenario "${scenario}"`, `name one of ${SCENARIO_NAMES.join(", ")}, or a file`);
}

export function refuseStart(code: string, reason: string, next: string, withoutPty: string): never {
  return /pseudo-terminal|\bpty\b/.test(reason)
    ? refuse({ code: "no-pty", reason, next: `install the optional package @lydell/node-pty, or use ${withoutPty}` })
    : refuse({ code, reason, next });
}
