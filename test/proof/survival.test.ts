// What the meter survives: a host that was away, power cuts, crashes, faults of the board and of its line.

import { SURVIVAL } from "./all.js";
import { prove } from "./prove.js";

prove(SURVIVAL);
