// Frames at the meter's door that nobody should send: none crashes it or changes anything, and what is well-formed is answered as before.

import { fuzz, type Kind } from "../gbcs/fuzz.js";
import { casesAt, type Proof } from "./proof.js";

/** Of the heap after ten thousand frames: what the engine compiled meanwhile, and the security log's hundred lines. */
const FLAT_bytes = 4_000_000;
/** A turn at the door, on a machine that has other things to do. */
const SLOW_ms = 2_000;

export const proof: Proof = {
  name: "gbcs-fuzz",
  claim:
    "10,000 random and 10,000 mutated frames at the door: no crash, no state but the security log, flat memory, the same answers after",
  cases: (effort) =>
    casesAt(
      effort,
      ["random 2000", "mutated 2000", "made 1000"],
      ["random 10000", "mutated 10000", "made 10000"],
      ["random 100000", "mutated 100000", "made 100000"],
    ),
  run: async (case_, seed) => {
    const [kind = "", frames = ""] = case_.split(" ");
    const { answered, obeyed, broken, slowest_ms, grown_bytes } = fuzz(kind as Kind, seed, Number(frames));
    const ok = broken.length === 0 && grown_bytes < FLAT_bytes && slowest_ms < SLOW_ms;
    return {
      ok,
      said:
        `${frames} ${kind} frames of seed ${seed}: ${answered} answered, ${obeyed} obeyed, slowest ${slowest_ms.toFixed(0)} ms, ` +
        `heap ${(grown_bytes / 1e6).toFixed(1)} MB${broken.map((one) => `\n  ${one}`).join("")}`,
      figures: { frames: Number(frames), answered, obeyed, broken: broken.length, slowest_ms, grown_bytes },
    };
  },
};
