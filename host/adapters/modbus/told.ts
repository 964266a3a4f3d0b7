// What a Modbus source tells in words and in the meter's terms: power now, what to do about a refusal.

import type { Model } from "../../models/model.js";
import type { Quantity } from "../../models/quantities.js";
import { reactivePowerOf, type Values } from "../../models/reading.js";
import type { Power } from "../../ports/source.js";
import type { RefusalCode } from "./probe.js";

/** What to do where a meter is refused. */
export const NEXT: { readonly [code in RefusalCode]: string } = {
  "other-model": "name its model in esme.yaml; `esme meters` lists the models, `esme doctor` says which one this is",
  implausible: "check the model in esme.yaml: another variant of it may keep its numbers elsewhere",
  "no-direction": "set the meter so that it counts both ways (`esme meters` says how), or give it another role",
};

export function powerTold(model: Model, values: Values, active_mw: number | null): Power {
  const of = (name: Quantity) => values.get(name) ?? null;
  const phases_mv = [of("voltageL1"), of("voltageL2"), of("voltageL3")];
  // The current of one phase of three is not the meter's.
  const current_ma = of("current") ?? (model.phases === 1 ? of("currentL1") : null);
  return {
    frequency_mhz: of("frequency"),
    voltage_mv: model.phases === 1 ? (of("voltage") ?? of("voltageL1")) : of("voltageL1"),
    ...(model.phases === 1 ? {} : { phases_mv }),
    channels: [{ current_ma, active_mw, reactive_mvar: reactivePowerOf(values) }],
  };
}
