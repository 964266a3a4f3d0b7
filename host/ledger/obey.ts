// Commands, obeyed whole or refused whole.

import type { Command } from "./commands.js";
import type { Esme, EsmeTurn } from "./esme.js";

export function obey(esme: Esme, _command: Command): EsmeTurn {
  return { esme, notices: [], disobeyed: null };
}
