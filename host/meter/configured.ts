// What a configuration asks of a meter that may have been so configured before: only what differs, so that a restart changes and logs
// nothing.

import { type Deed, SETTABLE, type Settings } from "../ledger/commands.js";
import type { EsmeState } from "../ledger/state/state.js";

/** The command that makes the state as configured, or null where it is so already. What was planned on top stays planned. */
export function deedFor(state: EsmeState, wanted: Settings): Deed | null {
  const different = SETTABLE.filter((name) => {
    const section = wanted[name];
    return section !== undefined && text(current(section)) !== text(current(state[name]));
  });
  if (different.length === 0) return null;
  return { kind: "set", sections: Object.fromEntries(different.map((name) => [name, wanted[name]])) };
}

function current(section: unknown): unknown {
  return typeof section === "object" && section !== null && "valueCurrent" in section ? section.valueCurrent : section;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
