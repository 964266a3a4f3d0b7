// What became of a command: done, or refused with the place and the rule that it breaks.

import type { Esme, EsmeTurn } from "./esme.js";

export function done(esme: Esme): EsmeTurn {
  return { esme, notices: [], disobeyed: null };
}

export function refused(esme: Esme, code: string, reason: string): EsmeTurn {
  return { esme, notices: [], disobeyed: { code, reason } };
}
