// In which order speeds, parities and addresses are tried: what the configuration says, then the makers' defaults of all tables, then what
// else they allow.

import type { Setting } from "../../adapters/modbus/diagnosis.js";
import type { Model } from "../../models/model.js";

/** No two the same. `most` cuts the list. */
export function settingsOf(models: Iterable<Model>, expected: Setting | null): readonly Setting[] {
  const defaults = new Map<string, number>();
  const allowed = new Map<string, number>();
  for (const { bus } of models)
    for (const [s, baud] of bus.speeds.entries())
      for (const [p, parity] of bus.parities.entries()) {
        const key = `${baud} ${parity}`;
        const which = s === 0 && p === 0 ? defaults : allowed;
        which.set(key, (which.get(key) ?? 0) + 1);
      }
  const ranked = [defaults, allowed].flatMap((one) => [...one].sort((a, b) => b[1] - a[1]).map(([key]) => key));
  const first = expected === null ? [] : [`${expected.baud} ${expected.parity}`];
  return [...new Set([...first, ...ranked])].map((key) => {
    const [baud = "", parity = "none"] = key.split(" ");
    return { baud: Number(baud), parity: parity as Setting["parity"] };
  });
}

export function likelyAddresses(models: Iterable<Model>, expected: readonly number[]): readonly number[] {
  return [...new Set([...expected, ...[...models].map(({ bus }) => bus.address)])];
}
