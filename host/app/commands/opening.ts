// How a reading command begins: the house's store opened, the ledger found that is meant. It loads no more than half hours need.

import { rfc3339, Utc_ms } from "../../ledger/units.js";
import type { LedgerReader, Refusal } from "../../ports/store.js";
import { storePath } from "../data-dir.js";
import { refuse, usedWrongly } from "../refusal.js";

export interface Options {
  readonly data: string;
  readonly source?: string;
  readonly from?: Utc_ms;
  readonly to?: Utc_ms;
  readonly json?: boolean;
}

export const ALWAYS = { from: Utc_ms(0), to: Utc_ms(8.64e15) };

/** Opens by `open`, reads, closes. */
export function opened<R extends LedgerReader>(
  options: Options,
  open: (path: string) => { readonly ok: true; readonly reader: R } | Refusal,
  read: (reader: R, name: string) => void,
): void {
  const { from, to } = { ...ALWAYS, ...options };
  if (from > to)
    usedWrongly(`--from ${rfc3339(from)} is later than --to ${rfc3339(to)}`, "write the earlier time after --from");
  const store = open(storePath(options.data));
  if (!store.ok) refuse(store);
  const { reader } = store;
  try {
    const ledgers = reader.ledgers();
    const name = options.source ?? ledgers.find((ledger) => ledger.role === "grid")?.name ?? ledgers[0]?.name;
    if (name === undefined || !ledgers.some((ledger) => ledger.name === name)) {
      const names = ledgers.map((ledger) => ledger.name).join(", ") || "none yet";
      refuse({
        code: "no-such-source",
        reason: name === undefined ? "this house has no ledger yet" : `this house has no source called ${name}`,
        next: `its sources: ${names}; a ledger appears with its first reading`,
      });
    }
    read(reader, name);
  } finally {
    reader.close();
  }
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
