// What the meter measures: accuracy, direction, creep, starting current, time.

import { METROLOGY } from "./all.js";
import { prove } from "./prove.js";

prove(METROLOGY);
