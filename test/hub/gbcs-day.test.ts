// What a meter tells who asks it through the hub by command.

import { COMMANDS } from "../proof/all.js";
import { prove } from "../proof/prove.js";

prove(COMMANDS);
