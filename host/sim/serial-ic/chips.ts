// The simulated metering ICs by name, for whoever lets one be chosen.

import { SimulatedBl0942 } from "./bl0942.js";
import type { SimulatedIc, World } from "./chip.js";
import { SimulatedCse7766 } from "./cse7766.js";
import { SimulatedMcp39f511a } from "./mcp39f511a.js";

export const SIMULATED_ICS = {
  mcp39f511a: (world: World) => new SimulatedMcp39f511a(world),
  bl0942: (world: World) => new SimulatedBl0942(world),
  cse7766: (world: World) => new SimulatedCse7766(world),
} as const satisfies { readonly [ic: string]: (world: World) => SimulatedIc & { readonly truth: object } };
