// Another netting rule feeds the registers from now on. They go on from where they stand, by the other count; the count by the old rule
// goes on beside them with all that it had.

import type { Esme } from "./esme.js";
import type { NettingRule } from "./netting.js";

export function ruledAnew(esme: Esme, from: NettingRule, to: NettingRule): Esme {
  const { ledger, beside } = esme;
  const other = beside.find(({ name }) => name === to)?.ledger.last ?? null;
  if (from === to || other === null || ledger.last === null) return esme;
  const last = { ...ledger.last, counters: other.counters, base: other.base };
  return {
    ...esme,
    ledger: { ...ledger, last, doubt: null },
    beside: beside.map((one) => (one.name === to ? { name: from, ledger } : one)),
  };
}
