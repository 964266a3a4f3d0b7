// All proofs, in the order in which they are told.

import { proof as clockRate } from "./clock-rate.js";
import { proof as hostAway } from "./host-away.js";
import { noLoad, start } from "./idle.js";
import { proof as powerCut } from "./power-cut.js";
import type { Proof } from "./proof.js";

export const PROOFS: readonly Proof[] = [clockRate, hostAway, noLoad, start, powerCut];
