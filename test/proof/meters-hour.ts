// Every model that there is a table of: its simulated meter, asked by the adapter and booked by the meter for an hour.

import { MODELS } from "../../host/adapters/modbus/catalogue.js";
import { Street, within } from "./meters-street.js";
import { casesAt, type Proof } from "./proof.js";

const HOUR_s = 3_600;
const EVERY_ms = 1_000;
const QUICK = ["sdm630", "em340"];

export const proof: Proof = {
  name: "meters-hour",
  claim:
    "Each model's simulated meter read for a simulated hour, both directions flowing: registers are the truth within its resolution",
  cases: (effort) =>
    casesAt(
      effort,
      QUICK,
      [...MODELS.keys()].filter((name) => !QUICK.includes(name)),
    ),
  run: async (name, seed) => {
    const model = MODELS.get(name);
    if (model === undefined) throw new Error(`there is no table of ${name}`);
    const street = await new Street({ seed, buses: [{ models: [model] }], every_ms: EVERY_ms }).live(HOUR_s);
    const [judged] = street.judged();
    const { questions, answers } = street.totals();
    await street.end();
    if (judged === undefined) throw new Error("a street without a house");
    const [inward_wh, outward_wh] = judged.flowed_wh;
    const [import_wh, export_wh] = judged.off_wh;
    const both = model.direction !== "both" || Math.min(inward_wh, outward_wh) > 1;
    const often = judged.reports > 0.2 * HOUR_s;
    return {
      ok: within(judged) && both && often && questions > 0 && answers >= questions - 1,
      said:
        `${name}: ${inward_wh.toFixed(1)} Wh in and ${outward_wh.toFixed(1)} Wh out, registers off by ` +
        `${import_wh.toFixed(2)} and ${export_wh.toFixed(2)} Wh, step ${judged.step_wh} Wh, ${judged.reports} readings`,
      figures: { import_wh, export_wh, step_wh: judged.step_wh, readings: judged.reports },
    };
  },
};
